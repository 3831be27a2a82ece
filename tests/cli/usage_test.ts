import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { execvm } from "../support/cli.ts";

const WRONG: readonly [readonly string[], RegExp][] = [
  [["bake"], /`bake`/],
  [["run"], /CMD/],
  [["run", "-r", "moon", "--", "true"], /moon.*void, local/],
  [["run", "-r", "local:here", "--", "true"], /local:here.*ssh\[:HOST\]/],
  [["run", "-r", "ssh:here", "--host", "there", "--", "true"], /ssh:here and --host/],
  [["run", "-r", "ssh", "--", "true"], /no host is given/],
  [["run", "-r", "docker", "-r", "vm", "--", "true"], /vm inside docker as only .*ssh/],
  [["run", "-r", "ssh:here", "-r", "vm", "--debug", "--", "true"], /--debug with ssh, vm as it/],
  [["run", "-r", "ssh:here", "-r", "vm", "--pool", "1", "--", "true"], /take no pool/],
  [["run", "-r", "ssh:here", "--execvm", "/x", "--", "true"], /no inner runner to use it for/],
  [["run", "--moon", "--", "true"], /--moon/],
  [["run", "--debug", "--", "true"], /--debug with local as it is for void/],
  [["run", "--timeout", "soon", "--", "true"], /"soon" is no duration/],
  [["run", "--env", "A", "--", "true"], /NAME=VALUE/],
  [["pipe"], /FILE/],
  [["plan"], /FILE/],
  [["chain"], /no delimiter/],
  [["chain", "--", "true"], /one command/],
  [["chain", "--", "--", "true"], /empty/],
];

for (const [args, message] of WRONG) {
  Deno.test(`execvm ${args.join(" ")} is refused with 2 and a line`, async () => {
    const { code, stdout, stderr } = await execvm(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.match(stderr, /^execvm: [^\n]+\n$/);
  });
}

for (const subcommand of ["run", "pipe", "plan", "chain", "doctor"]) {
  Deno.test(`execvm ${subcommand} --help shows its use`, async () => {
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

Deno.test("execvm --version is the version of deno.json, the commit where it is known, and Deno's", async () => {
  const [version, ...made] = (await execvm(["--version"])).stdout.split(/[ (),\n]+/);
  assert.equal(version, denoJson.version);
  const deno = made.slice(made.indexOf("Deno"));
  assert.deepEqual(deno, ["Deno", Deno.version.deno, ""]);
  for (const commit of made.slice(0, -deno.length)) assert.match(commit, /^[0-9a-f]{12}(-dirty)?$/);
});

Deno.test("a stack trace is shown with --verbose only", async () => {
  const args = ["--cwd", "/no/such", "--timeout", "9s", "--", "true"];
  assert.doesNotMatch((await execvm(["run", ...args])).stderr, /\n +at /);
  const { code, stderr } = await execvm(["run", "--verbose", ...args]);
  assert.equal(code, 125);
  assert.match(stderr, /\n +at /);
});
