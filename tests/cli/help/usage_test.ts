import assert from "node:assert/strict";
import denoJson from "../../../deno.json" with { type: "json" };
import { COMPILED_BY, execvm } from "../../support/cli.ts";

const WRONG: readonly [readonly string[], RegExp][] = [
  [["bake"], /"bake": there is no such subcommand;/],
  [["rnu"], /"rnu".*\(did you mean run\?\)/],
  [["kernel", "bulid"], /"bulid".*\(did you mean build\?\)/],
  [["--hlep"], /"--hlep".*no such option \(did you mean --help\?\)/],
  [["run", "--memroy", "1", "--", "true"], /--memroy: .*\(did you mean --memory\?\)/],
  [["run", "--boot-timeuot-ms", "1", "--", "true"], /did you mean --boot-timeout-ms\?/],
  [["run", "-r", "dokcer", "--", "true"], /"dokcer".*\(did you mean docker\?\)/],
  [["run", "-r", "shs:here", "--", "true"], /"shs:here".*\(did you mean ssh\?\)/],
  [["run", "-r", "vm", "--accel", "tgc", "--", "true"], /"tgc".*\(did you mean tcg\?\)/],
  [["run", "-r", "docker:x", "--pull", "alwys", "--", "true"], /\(did you mean always\?\)/],
  [["run", "-x", "--", "true"], /-x: there is no such option/],
  [["code", "--image", "x", "--lang", "pyhton", "-"], /"pyhton".*\(did you mean python\?\)/],
  [["completions", "bahs"], /"bahs".*\(did you mean bash\?\)/],
  [["help", "docotr"], /"docotr".*\(did you mean doctor\?\)/],
  [["plan", "a", "b"], /"b".*too many/],
  [["run"], /CMD/],
  [["run", "-r", "moon", "--", "true"], /moon.*void, local/],
  [["run", "-r", "local:here", "--", "true"], /local:here.*ssh\[:HOST\]/],
  [["run", "-r", "ssh:here", "--host", "there", "--", "true"], /ssh:here and --host/],
  [["run", "-r", "ssh", "--", "true"], /no host is given/],
  [["run", "-r", "docker", "-r", "vm", "--", "true"], /vm inside docker: only .*ssh/],
  [["run", "-r", "ssh:here", "-r", "vm", "--debug", "--", "true"], /--debug with ssh, vm: it/],
  [
    ["run", "-r", "ssh:here", "-r", "vm", "--pool", "1", "--", "true"],
    /cannot keep machines ready on a remote host/,
  ],
  [["run", "-r", "ssh:here", "--execvm", "/x", "--", "true"], /no inner runner to use it for/],
  [["run", "--moon", "--", "true"], /--moon/],
  [["run", "--debug", "--", "true"], /--debug with local: it is for void/],
  [
    ["run", "--copy-in", "a:/b", "--", "true"],
    /--copy-in with local: its commands use the files of this machine: it is for docker, vm, ssh/,
  ],
  [["run", "-r", "vm", "--copy-in", "a", "--", "true"], /"a": it is not a file such as HOST:GUEST/],
  [["run", "-r", "vm", "--copy-out", "/a:", "--", "true"], /is not an output such as GUEST:HOST/],
  [["run", "-r", "vm", "--copy-out", "a:b", "--", "true"], /give an absolute path/],
  [
    ["run", "--timeout", "soon", "--", "true"],
    /cannot take --timeout "soon": it is not a duration/,
  ],
  [["run", "--env", "A", "--", "true"], /NAME=VALUE/],
  [["pipe"], /FILE/],
  [["plan"], /FILE/],
  [["chain"], /no delimiter/],
  [["chain", "--", "true"], /one command/],
  [["chain", "--", "--", "true"], /empty/],
];

for (const [args, message] of WRONG) {
  Deno.test(`execvm ${args.join(" ")} is rejected with 2 and one line`, async () => {
    const { code, stdout, stderr } = await execvm(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.match(stderr, /^execvm: [^\n]+\n$/);
  });
}

for (const subcommand of ["run", "pipe", "plan", "chain", "doctor"]) {
  Deno.test(`execvm ${subcommand} --help shows its usage`, async () => {
    const { code, stdout, stderr } = await execvm([subcommand, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^USAGE\\n  execvm ${subcommand} `));
  });
}

Deno.test("execvm --help names the subcommands and the exit status", async () => {
  const { code, stdout } = await execvm(["--help"]);
  assert.equal(code, 0);
  for (const word of ["run", "pipe", "plan", "chain", "doctor", "124", "127"]) {
    assert.ok(stdout.includes(word), word);
  }
  assert.equal((await execvm([])).stdout, stdout);
});

Deno.test("execvm --version prints the version of deno.json, the commit if it is known, and that of Deno", async () => {
  const [version, ...made] = (await execvm(["--version"])).stdout.split(/[ (),\n]+/);
  assert.equal(version, denoJson.version);
  const deno = made.slice(made.indexOf("Deno"));
  assert.deepEqual(deno, ["Deno", COMPILED_BY ?? Deno.version.deno, ""]);
  for (const commit of made.slice(0, -deno.length)) assert.match(commit, /^[0-9a-f]{12}(-dirty)?$/);
});

Deno.test("a stack trace is shown only with --verbose", async () => {
  const args = ["--cwd", "/no/such", "--timeout", "9s", "--", "true"];
  assert.doesNotMatch((await execvm(["run", ...args])).stderr, /\n +at /);
  const { code, stderr } = await execvm(["run", "--verbose", ...args]);
  assert.equal(code, 125);
  assert.match(stderr, /\n +at /);
});

const VARIABLE: readonly [string, readonly string[], RegExp][] = [
  [
    "viod",
    [],
    /^execvm: cannot take EXECVM_RUNNER=viod: it is not a runner: .*\(did you mean void\?\)\n$/,
  ],
  ["void:x", [], /^execvm: cannot take EXECVM_RUNNER=void:x: it is not a runner: /],
  ["ssh:here", ["--host", "there"], /ssh:here and --host/],
  ["vm", ["--debug"], /--debug with vm: it is for void/],
];

for (const [runner, options, message] of VARIABLE) {
  Deno.test(`EXECVM_RUNNER=${runner} ${options.join(" ")} is rejected with 2 and one line`, async () => {
    const env = { EXECVM_RUNNER: runner };
    const { code, stderr } = await execvm(["run", ...options, "--", "true"], { env });
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.match(stderr, /^[^\n]+\n$/);
  });
}

Deno.test("EXECVM_RUNNER is the default runner of run, pipe and plan, and -r overrides it", async () => {
  const env = { EXECVM_RUNNER: "void" };
  const run = await execvm(["run", "--debug", "--", "true"], { env });
  assert.deepEqual(run, { code: 0, stdout: "", stderr: "true\n" });
  const stdin = JSON.stringify({ type: "command", args: ["echo", "hi"], env: {} });
  assert.equal((await execvm(["pipe", "-"], { env, stdin })).stdout, "");
  assert.match((await execvm(["plan", "-"], { env, stdin })).stdout, /void/);
  const local = await execvm(["run", "-r", "local", "--", "echo", "hi"], { env });
  assert.equal(local.stdout, "hi\n");
});

Deno.test("an empty EXECVM_RUNNER is ignored", async () => {
  const env = { EXECVM_RUNNER: "" };
  assert.equal((await execvm(["run", "--", "echo", "hi"], { env })).stdout, "hi\n");
});
