// Code in real machines: how it ends, what it leaves behind, and its limits.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  cmd,
  type CodeResult,
  type Image,
  outputs,
  prepareImage,
  runCode,
  type RunCodeOptions,
  RunnerError,
} from "../../mod.ts";
import { recordRuns } from "../../src/observe/timeline.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp_dir.ts";
import { codeTest, makePythonRoot } from "./fixture.ts";

const RUN_CODE = fileURLToPath(new URL("../fixtures/run_code.ts", import.meta.url));

/**
 * Runs code whose outputs `look` reads, and checks that nothing is left in the folder for temporary
 * files.
 */
async function run(
  image: Image,
  code: string,
  options: RunCodeOptions = {},
  look: (outputsDir: string) => void = () => {},
): Promise<CodeResult> {
  using folder = tempDir();
  const result = await runCode(image, code, {
    accel: "tcg",
    ...options,
    outputsDir: `${folder.path}/outputs`,
  });
  if (result.outputsDir !== null) look(result.outputsDir);
  return result;
}

/** The changes as lines. */
function changesOf({ artifacts }: CodeResult): string[] {
  return artifacts.map(({ change, kind, path }) => `${change} ${kind} ${path}`);
}

/** How the code ended. */
function endOf({ exitStatus, signal, timedOut, oomKilled, truncated, failure }: CodeResult) {
  return { exitStatus, signal, timedOut, oomKilled, truncated, failure };
}

const ENDED = {
  exitStatus: 0,
  signal: null,
  timedOut: false,
  oomKilled: false,
  truncated: false,
  failure: null,
} as const;

function sha256(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
}

const LOOK = `
import os, sys
print(sys.argv[1:], os.environ["GIVEN"], os.getcwd(), sys.stdin.read(), open("in/a.csv").read())
print("aside", file=sys.stderr)
open("made", "w").write("made by the code")
os.makedirs("/opt/new")
open("/etc/passwd", "a").write("another\\n")
os.remove("/bin/wget")
open("/tmp/there", "w").close()
sys.exit(3)
`;

codeTest("runCode() runs code on an image", async (test) => {
  using folder = tempDir();
  const image = await prepareImage({ from: await makePythonRoot(`${folder.path}/root`) });
  const before = sha256(image.path);

  await test.step("with all inputs; its changes are reported and kept", async () => {
    const options = {
      args: ["an arg", "é"],
      env: { GIVEN: "a value" },
      stdin: "input",
      files: { "in/a.csv": new TextEncoder().encode("1,2") },
    };
    const result = await run(image, LOOK, options, (outputsDir) => {
      assert.equal(Deno.readTextFileSync(`${outputsDir}/files/workspace/made`), "made by the code");
      assert.match(Deno.readTextFileSync(`${outputsDir}/files/etc/passwd`), /another\n$/);
      const { artifacts } = JSON.parse(Deno.readTextFileSync(`${outputsDir}/manifest.json`));
      assert.equal(artifacts.length, 5);
    });
    assert.deepEqual(endOf(result), { ...ENDED, exitStatus: 3 });
    assert.equal(result.stdout, "['an arg', 'é'] a value /workspace input 1,2\n");
    assert.equal(result.stderr, "aside\n");
    assert.deepEqual(
      changesOf(result),
      [
        "deleted symlink /bin/wget",
        "changed file /etc/passwd",
        "created directory /opt",
        "created directory /opt/new",
        "created file /workspace/made",
      ].filter((line) => line !== "created directory /opt" || !hasOpt(image)),
    );
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  });

  for (const warm of ["", false] as const) {
    const how = warm === false ? "started for the code" : "started ahead";
    await test.step(`with arguments and variables that are not UTF-8, by a Python ${how}`, async () => {
      const odd = Uint8Array.of(0x61, 0xff, 0x62);
      const code =
        "import os, sys; print(os.fsencode(sys.argv[1]).hex(), os.environb[b'ODD'].hex())";
      const result = await run(image, code, { args: [odd], env: { ODD: odd }, warm });
      assert.equal(result.stdout, "61ff62 61ff62\n");
    });
  }

  await test.step("with an unchanged image: no run sees what an earlier one did", async () => {
    const result = await run(
      image,
      "import os; print(os.listdir('.'), os.path.exists('/opt/new'))",
    );
    assert.equal(result.stdout, "['main.py'] False\n");
    assert.deepEqual(changesOf(result), []);
    assert.equal(sha256(image.path), before);
  });

  await test.step("two at once, isolated from each other", async () => {
    const code = (name: string) =>
      `import os, time; open("${name}", "w").close(); time.sleep(1); print(sorted(os.listdir(".")))`;
    const both = await Promise.all([run(image, code("a")), run(image, code("b"))]);
    assert.deepEqual(both.map(({ stdout }) => stdout), [
      "['a', 'main.py']\n",
      "['b', 'main.py']\n",
    ]);
  });

  await test.step("and keeps only the requested outputs", async () => {
    const files = { given: new TextEncoder().encode("given") };
    const code = "open('a.png', 'w'); open('b.txt', 'w')";
    const all = await run(image, code, { files, output: "all" });
    assert.deepEqual(changesOf(all).map((line) => line.slice(line.lastIndexOf("/"))), [
      "/a.png",
      "/b.txt",
      "/given",
    ]);
    const some = await run(image, code, { files, output: "paths", paths: ["/**/*.png"] }, (dir) => {
      assert.deepEqual([...Deno.readDirSync(`${dir}/files/workspace`)].length, 1);
    });
    assert.deepEqual(changesOf(some), ["created file /workspace/a.png"]);
    const whole = await run(image, code, { files, output: "paths", paths: ["/workspace/**"] });
    assert.deepEqual(changesOf(whole), changesOf(all));
    const none = await run(image, code, { output: "none" });
    assert.deepEqual([none.outputsDir, none.artifacts], [null, []]);
  });

  await test.step("outputs as a tar too, straight from the disk, as the source of a pipeline", async () => {
    const code =
      "import os; os.mkdir('d'); open('d/a', 'w').write('hi'); os.symlink('/etc', 'out')";
    const outputsTar = `${folder.path}/made.tar`;
    const result = await runCode(image, code, { accel: "tcg", outputsTar });
    assert.deepEqual([result.outputsDir, result.outputsTar], [null, outputsTar]);
    assert.deepEqual(result.leftOut.map(({ path }) => path), ["/workspace/out"]);
    const names = await outputs(result).pipe(cmd("tar", "-t")).text();
    assert.equal(names, "workspace/d/\nworkspace/d/a");
    assert.equal(await outputs(result).pipe(cmd("tar", "-xO", "workspace/d/a")).text(), "hi");
  });

  await test.step("outputs in a temporary folder, if there are any, which is removed at exit", async () => {
    using temporary = tempDir();
    const left = (): readonly string[] =>
      [...Deno.readDirSync(temporary.path)].map(({ name }) => name);
    const runAlone = async (code: string) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", RUN_CODE, JSON.stringify(image), code],
        env: { TMPDIR: temporary.path },
        stderr: "inherit",
      }).output();
      return JSON.parse(new TextDecoder().decode(stdout));
    };
    const { outputsDir, files } = await runAlone("open('made', 'w')");
    assert.deepEqual([dirname(outputsDir), files], [temporary.path, ["made"]]);
    await eventually(left, ({ length }) => length === 0, 5000);
    for (const code of ["1", "import os; os.remove('/bin/wget'); os.mkfifo('fifo')"]) {
      assert.deepEqual(await runAlone(code), { outputsDir: null, files: [] });
    }
    await eventually(left, ({ length }) => length === 0, 5000);
  });

  await test.step("outputs that are only listed; no machine starts if they cannot be written", async () => {
    const told = await runCode(image, "open('made', 'w')", { accel: "tcg", outputsDir: false });
    assert.deepEqual([told.outputsDir, changesOf(told)], [null, ["created file /workspace/made"]]);
    assert.throws(() => outputs(told), /outputsDir: false/);
    const phases: string[] = [];
    const observer = recordRuns(({ stages }) => phases.push(...stages[0]!.phases.map(String)));
    const nowhere = runCode(image, "1", { accel: "tcg", outputsDir: image.path, observer });
    await assert.rejects(nowhere, { message: /^cannot put outputs into .* is not a folder$/ });
    assert.deepEqual(phases, []);
  });

  await test.step("in sh, and by any argv", async () => {
    const shell = await run(image, "echo $1; kill -TERM $$", { language: "sh", args: ["hello"] });
    assert.deepEqual(endOf(shell), { ...ENDED, exitStatus: null, signal: "SIGTERM" });
    assert.equal(shell.stdout, "hello\n");
    const argv = await run(image, "a $ {code}", { argv: ["sh", "-c", 'printf %s "$0"', "{code}"] });
    assert.equal(argv.stdout, "a $ {code}");
  });

  await test.step("an argv gets a file of the code only if it names {file}", async () => {
    const without = await run(image, "code", { argv: ["sh", "-c", "ls -A"] });
    assert.equal(without.stdout, "");
    const argv = ["sh", "-c", "ls -A; cat {file}; echo; echo {file}"];
    const named = await run(image, "code", { argv });
    assert.equal(named.stdout, "main\ncode\n/workspace/main\n");
    assert.deepEqual(changesOf(named), []);
  });

  await test.step("next to its files, where it finds them and those that it writes", async () => {
    const files = { "helper.sh": new TextEncoder().encode("given=helper") };
    const code = ". ./helper.sh; echo made=made > made.sh; . ./made.sh; echo $given $made $0";
    const shell = await run(image, code, { language: "sh", files });
    assert.equal(shell.stdout, "helper made /workspace/main.sh\n", shell.stderr);
    assert.deepEqual(changesOf(shell), ["created file /workspace/made.sh"]);
  });

  await test.step("and reports a changed file of the code, but not Python's own", async () => {
    const code = `
import py_compile, os
open("helper.py", "w").write("x = 1")
py_compile.compile("helper.py")
open("__pycache__/note", "w").write("the code's own")
os.mkdir("empty"); py_compile.compile("helper.py", "empty/__pycache__/helper.cpython-311.pyc")
open(__file__, "a").write("# more")
`;
    const made = [
      "created file /workspace/__pycache__/note",
      "created directory /workspace/empty",
      "created file /workspace/helper.py",
      "changed file /workspace/main.py",
    ];
    const result = await run(image, code, {}, (outputsDir) => {
      const main = Deno.readTextFileSync(`${outputsDir}/files/workspace/main.py`);
      assert.equal(main, `${code}# more`);
    });
    assert.deepEqual([result.stderr, changesOf(result)], ["", made]);
    const chosen = { output: "paths", paths: ["/workspace/empty/**"] } as const;
    assert.deepEqual(changesOf(await run(image, code, chosen)), [
      "created directory /workspace/empty",
      "created directory /workspace/empty/__pycache__",
      "created file /workspace/empty/__pycache__/helper.cpython-311.pyc",
    ]);
  });

  await test.step("a missing program is an error", async () => {
    const missing = await run(image, "1", { argv: ["not-there"] });
    assert.equal(missing.exitStatus, 127);
  });
});

function hasOpt(image: Image): boolean {
  return Deno.readTextFileSync(image.manifest).includes('{"path":"/opt",');
}

/** Ensures that an output is on the disk before the rest begins, however slow this machine is. */
const MARK = "import os; open('before', 'w').write('kept'); os.sync()\n";

/** Code that exceeds a limit, the limit, and how it ends. */
const BREAKERS: readonly [
  name: string,
  code: string,
  options: RunCodeOptions,
  end: Partial<ReturnType<typeof endOf>>,
][] = [
  [
    "an endless loop is ended",
    `${MARK}while True: pass`,
    { timeoutMs: 8000 },
    { exitStatus: null, signal: "SIGKILL", timedOut: true },
  ],
  [
    "sleeping does not evade the time limit",
    `${MARK}import time; time.sleep(1000)`,
    { timeoutMs: 8000 },
    { exitStatus: null, signal: "SIGKILL", timedOut: true },
  ],
  [
    "a program that takes all memory is killed",
    `${MARK}b = []\nwhile True: b.append(bytearray(b'x' * 2 ** 24))`,
    { memoryMib: 512 },
    { oomKilled: true, exitStatus: null, signal: "SIGKILL" },
  ],
  [
    "a program that fills the disk gets ENOSPC",
    `${MARK}import errno
try:
  with open('big', 'wb') as f:
    while True: f.write(bytes(2 ** 20))
except OSError as e: print(errno.errorcode[e.errno])`,
    { workspaceMib: 64, template: false },
    {},
  ],
  [
    "too much output is truncated, and the code runs to its end",
    `${MARK}for _ in range(3000): print('x' * 999)\nopen('after', 'w')`,
    { maxOutputBytes: 10_000 },
    { truncated: true },
  ],
  [
    "a fork bomb is ended",
    `${MARK}while True:\n  try: os.fork()\n  except OSError: pass`,
    { timeoutMs: 5000 },
    { timedOut: true },
  ],
  [
    "a kernel panic is reported in the result",
    `${MARK}open('/proc/sysrq-trigger', 'w').write('c')`,
    {},
    { exitStatus: null },
  ],
  [
    "switching the machine off is reported in the result",
    `${MARK}open('/proc/sysrq-trigger', 'w').write('o'); os.read(0, 1)
import time; time.sleep(100)`,
    { timeoutMs: 30_000 },
    { exitStatus: null, failure: "cannot run the command: the guest powered itself off" },
  ],
];

/** State that differs between runs, and that a newly started Python has too. */
const ORDINARY = `
import random, sys, __main__
print(random.random(), __main__.__file__, __name__, sys.argv, sys.path, "csv" in sys.modules)
import given
open("made.py", "w").write("name = 'made'")
import made
print(given.name, made.name, made.__file__, type(__loader__).__name__, __cached__, __spec__)
print(sys.stdin.readline(), end="")
def f(): return 1 / 0
f()
`;

codeTest("runCode() uses a waiting Python, which behaves like a new one", async (test) => {
  using folder = tempDir();
  const image = await prepareImage({ from: await makePythonRoot(`${folder.path}/root`) });
  const files = { "given.py": new TextEncoder().encode("name = 'given'") };
  const options = { stdin: "a line\nmore", args: ["x", ""], output: "none", files } as const;

  await test.step("except for the modules loaded ahead", async () => {
    const [fresh, waiting, again] = [
      await run(image, ORDINARY, { ...options, env: { PYTHONUTF8: "1" } }),
      await run(image, ORDINARY, { ...options, warm: "import csv, random" }),
      await run(image, ORDINARY, { ...options, warm: "import csv, random" }),
    ];
    const withoutNumber = ({ stdout }: CodeResult) => stdout.slice(stdout.indexOf(" "));
    const [first, second, ...rest] = fresh.stdout.split("\n");
    const start = "/workspace/main.py __main__ ['/workspace/main.py', 'x', ''] ['/workspace', ";
    assert.ok(first!.includes(` ${start}`) && first!.endsWith("] False"), first);
    assert.equal(second, "given made /workspace/made.py SourceFileLoader None None");
    assert.deepEqual(rest, ["a line", ""]);
    assert.equal(withoutNumber(waiting), withoutNumber(fresh).replace("False", "True"));
    assert.equal(waiting.stderr, fresh.stderr);
    assert.match(
      fresh.stderr,
      /^Traceback .*\n {2}File "\/workspace\/main.py", line 10, in <module>/,
    );
    assert.deepEqual([fresh.exitStatus, waiting.exitStatus], [1, 1]);
    assert.notEqual(waiting.stdout, again.stdout);
  });

  await test.step("with the changes to sys.path by the code that ran ahead", async () => {
    const warm = "import sys; sys.path.insert(0, '/first'); sys.path.remove('')";
    const { stdout } = await run(image, "import sys; print(sys.path[:2])", { ...options, warm });
    assert.match(stdout, /^\['\/first', '\/usr\/lib\/python/);
    const kept = { ...options, warm: "import sys; sys.path.insert(0, '/first')" };
    const both = await run(image, "import sys; print(sys.path[:2])", kept);
    assert.equal(both.stdout, "['/first', '/workspace']\n");
  });

  await test.step("and ends like a new one", async () => {
    const ends = [
      "import sys; sys.exit(7)",
      "import os, signal; os.kill(0, signal.SIGTERM)",
      "(",
      "",
    ];
    const results = [];
    for (const code of ends) results.push(await run(image, code, options));
    assert.deepEqual(results.map(({ exitStatus }) => exitStatus), [7, null, 1, 0]);
    assert.equal(results[1]!.signal, "SIGTERM");
    assert.match(results[2]!.stderr, /SyntaxError/);
  });

  await test.step("code to run ahead that fails is an error with the reason, and nothing else runs", async () => {
    await assert.rejects(
      runCode(image, "print(1)", { accel: "tcg", warm: "import not_there", output: "none" }),
      (error) =>
        error instanceof RunnerError &&
        /it ended before it waited: .*No module named 'not_there'/s.test(error.message),
    );
  });
});

codeTest("runCode() enforces its limits, whatever the code does", async (test) => {
  using folder = tempDir();
  const image = await prepareImage({ from: await makePythonRoot(`${folder.path}/root`) });
  for (const [name, code, options, end] of BREAKERS) {
    await test.step(name, async () => {
      const result = await run(image, code, options, (outputsDir) => {
        assert.equal(Deno.readTextFileSync(`${outputsDir}/files/workspace/before`), "kept");
      });
      const { oomKilled, failure, ...rest } = endOf(result);
      const about = JSON.stringify(result);
      if (name.includes("fork")) return assert.ok(rest.timedOut || oomKilled, about);
      if (name.includes("panic")) assert.match(failure ?? "", /the guest panicked \(sysrq/, about);
      else assert.equal(failure, end.failure ?? null, about);
      assert.deepEqual(
        { ...rest, oomKilled, failure: null },
        { ...ENDED, ...end, failure: null },
        about,
      );
      if (name.includes("disk")) assert.equal(result.stdout, "ENOSPC\n");
      if (name.includes("flood")) assert.equal(result.stdout.length, 10_000);
    });
  }
});
