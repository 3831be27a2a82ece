import assert from "node:assert/strict";
import { cmd, type Command, stream } from "../../../mod.ts";
import { findLibc } from "../../../src/libc/libc.ts";
import { COMPILED_BY, EXECVM } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

const ODD = Uint8Array.of(0x61, 0xff, 0x62);
const OTHER = Uint8Array.of(0x80, 0xc3, 0xa9, 0xc3, 0x0a);
const LOST = "a\ufffdb";

/** Prints its argument, and two variables. */
const PRINT = ["sh", "-c", 'printf "%s|%s|%s" "$1" "$OWN" "$GIVEN"', "sh"] as const;
const PRINTED = [...ODD, 0x7c, ...OTHER, 0x7c, ...ODD];

const GIVEN = Uint8Array.of(...new TextEncoder().encode("GIVEN="), ...ODD);

async function capture(command: Command) {
  const said = { stdout: "", stderr: "" };
  const sinkOf = (name: keyof typeof said) =>
    stream(
      new WritableStream<Uint8Array>({
        write: (chunk) => void (said[name] += new TextDecoder().decode(chunk)),
      }),
    );
  const pipeline = command.stderr(sinkOf("stderr")).to(sinkOf("stdout"));
  const { code } = await pipeline.run({ check: false });
  return { code, ...said };
}

const WAYS: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
  ["becomes the command", [], {}],
  ["starts the command", ["--timeout", "20s"], {}],
  ["starts the command without FFI", [], { EXECVM_NO_FFI: "1" }],
];

/** Deno 2.7 and programs compiled by it do not start with such arguments, and report that. */
const STARTS = !(COMPILED_BY ?? Deno.version.deno).startsWith("2.7.");

/** A test of execvm with arguments that are not UTF-8; ignored if Deno does not start with them. */
const odd: typeof Deno.test = Object.assign(
  (...args: Parameters<typeof Deno.test>) => void (STARTS && Deno.test(...args)),
  Deno.test,
);

if (!STARTS) {
  Deno.test("a Deno that does not support arguments that are not UTF-8 runs nothing", async () => {
    const { code, stdout, stderr } = await capture(
      cmd("env", ...EXECVM, "run", "--", "echo", "ran", ODD),
    );
    assert.notEqual(code, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /UTF-8|panicked/);
  });
}

for (const [how, options, env] of WAYS) {
  odd(`argv and variables that are not UTF-8 are the command's where run ${how}`, async () => {
    const words = [...EXECVM, "run", ...options, "--env", GIVEN, "--", ...PRINT, ODD] as const;
    const output = await cmd("env", ...words).env({ OWN: OTHER, ...env }).bytes();
    assert.deepEqual([...output], PRINTED);
  });

  odd(`a folder that is not UTF-8 is the command's where run ${how}`, async () => {
    using folder = tempDir();
    const path = Uint8Array.of(...new TextEncoder().encode(`${folder.path}/`), ...ODD);
    await cmd("mkdir", path).run();
    const words = [...EXECVM, "run", ...options, "--cwd", path, "--", "pwd"] as const;
    assert.deepEqual([...await cmd("env", ...words).env(env).bytes()], [...path, 0x0a]);
  });
}

for (const env of [{}, { EXECVM_NO_FFI: "1" }]) {
  const how = "EXECVM_NO_FFI" in env ? " without FFI" : "";
  odd(`the commands of a chain have argv that is not UTF-8${how}`, async () => {
    const words = [
      ...EXECVM,
      "chain",
      ODD,
      "printf",
      "%s",
      OTHER,
      ODD,
      "printf",
      "%s",
      LOST,
    ] as const;
    const output = await cmd("env", ...words).env(env).bytes();
    assert.deepEqual([...output], [...OTHER, ...new TextEncoder().encode(LOST)]);
  });
}

odd({
  name: "a command on a terminal gets argv that is not UTF-8 unchanged",
  ignore: findLibc() === undefined,
  async fn() {
    const output = await cmd("env", ...EXECVM, "run", "-t", "--", "printf", "%s", ODD).bytes();
    assert.deepEqual([...output], [...ODD]);
  },
});

odd("argv that is not UTF-8 is displayed so that it can be pasted into a shell", async () => {
  const { stderr } = await capture(
    cmd("env", ...EXECVM, "run", "-r", "void", "--debug", "--", "rm", ODD),
  );
  assert.equal(stderr, "rm $'a\\377b'\n");
});

const REFUSED: readonly (readonly (string | Uint8Array)[])[] = [
  ["run", "--report", ODD, "--", "true"],
  ["run", "-r", "docker:image", "--mount", Uint8Array.of(0x2f, ...ODD, 0x3a, 0x2f), "--", "true"],
  ["pipe", ODD],
  ["plan", ODD],
  ["code", "--image", "none", ODD],
  ["image", "inspect", ODD],
];

for (const words of REFUSED) {
  const shown = words.map((word) => typeof word === "string" ? word : "..").join(" ");
  odd(`${shown} rejects a word that is not UTF-8, with one line`, async () => {
    const { code, stderr } = await capture(cmd("env", ...EXECVM, ...words));
    assert.equal(code, 2);
    assert.match(stderr, /^execvm: cannot take "[^"]*a\\xffb[^"]*": it is not UTF-8: [^\n]+\n$/);
  });
}

Deno.test("U+FFFD below npx or deno task leads to a warning of one line, and is passed on", async () => {
  const words = [...EXECVM, "run", "--", "printf", "%s", LOST, LOST] as const;
  const { stdout, stderr } = await capture(cmd("env", ...words).env({ INIT_CWD: "/" }));
  assert.equal(stdout, LOST + LOST);
  assert.match(stderr, /^execvm: an argument contains U\+FFFD[^\n]+\n$/);
});

odd("bytes that arrive intact below npx or deno task cause no warning", async () => {
  const words = [...EXECVM, "run", "--", "printf", "%s", ODD] as const;
  const { stderr } = await capture(cmd("env", ...words).env({ INIT_CWD: "/" }));
  assert.equal(stderr, "");
});

Deno.test("U+FFFD from a shell is passed on without a warning", async () => {
  const script = 'unset INIT_CWD; "$@"; exit $?';
  const words = [...EXECVM, "run", "--", "printf", "%s", LOST] as const;
  const { stdout, stderr } = await capture(cmd("sh", "-c", script, "sh", ...words));
  assert.deepEqual([stdout, stderr], [LOST, ""]);
});
