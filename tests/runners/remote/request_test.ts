import assert from "node:assert/strict";
import { chain, cmd, discard, docker, local, type Runner, ssh, vm } from "../../../mod.ts";
import { readRequest, type RemoteTask } from "../../../src/cli/commands/remote_request.ts";
import { runnerToJson } from "../../../src/model/to_json.ts";
import { remoteExecvmArgv } from "../../../src/runners/remote/request.ts";

/** Makes the request for a command and parses it again. */
function overThere(command: ReturnType<typeof cmd>, inner: Runner): Promise<RemoteTask> {
  const argv = remoteExecvmArgv(["/bin/execvm"], command.node, {
    inner: runnerToJson(inner),
    verdict: "/verdict",
  });
  assert.deepEqual(argv.slice(0, -1), ["/bin/execvm", "far", "1", "/verdict"]);
  return readRequest(argv.at(-1)!);
}

Deno.test("a command arrives unchanged: argv, environment and folder", async () => {
  const command = cmd("printf", "%s", "", "it's\n", "日本語").env({ A: "a=b\n", B: "" }).cwd(
    "/x y",
  );
  const { node } = await overThere(command, local());
  assert.deepEqual(node, { ...command.node });
});

Deno.test("a chain arrives as a chain, and the destination of stderr stays here", async () => {
  const command = chain(["a", ""], ["b", "--"]);
  const { node } = await overThere(command.stderr(discard()), local());
  assert.deepEqual(node, { ...command.node });
  const apart = chain(["a"], ["b"], { stdout: "discard" });
  assert.deepEqual((await overThere(apart, local())).node, { ...apart.node });
});

const INNER: readonly Runner[] = [
  vm({
    cpus: 2,
    memoryMib: 2048,
    devices: { "/a": "/dev/vda", "/b": { path: "/dev/vdb", write: true } },
  }),
  docker({ image: "alpine", env: { A: "1" }, mounts: { "/a": "/b" } }),
  local({ tty: true }),
  ssh({ host: "next", inner: vm({ template: false }), execvm: "/bin/execvm" }),
];

for (const inner of INNER) {
  Deno.test(`the options of the runner arrive: ${JSON.stringify(inner.options)}`, async () => {
    const { runner } = await overThere(cmd("true"), inner);
    assert.deepEqual([runner.kind, runner.options], [inner.kind, inner.options]);
  });
}

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  ["text", /"text" is not an object/],
  [{ type: "command", args: [], env: {}, runner: { type: "local" } }, /empty argv/],
  [{ type: "command", args: ["a", 1], env: {}, runner: { type: "local" } }, /argv\[1\]/],
  [{ type: "command", args: ["a"], env: { A: 1 }, runner: { type: "local" } }, /variable "A"/],
  [
    { type: "command", args: ["a"], env: {}, cwd: 1, runner: { type: "local" } },
    /the folder: it is not a string/,
  ],
  [
    { type: "command", args: ["a"], env: {}, extra: 1, runner: { type: "local" } },
    /the unknown field extra/,
  ],
  [{ type: "command", args: ["a"], env: {} }, /not an object/],
  [{ type: "command", args: ["a"], env: {}, runner: { type: "moon" } }, /no such runner/],
  [{ type: "command", args: ["a"], env: {}, runner: { type: "vm", moon: 1 } }, /no option moon/],
  [
    { type: "command", args: ["a"], env: {}, runner: { type: "vm", cpus: "2" } },
    /cpus is not a number/,
  ],
  [
    {
      type: "command",
      args: ["a"],
      env: {},
      runner: { type: "ssh", host: "h", inner: { type: "moon" } },
    },
    /moon: there is no such runner/,
  ],
];

for (const [request, message] of WRONG) {
  Deno.test(`a request is refused: ${JSON.stringify(request)}`, async () => {
    await assert.rejects(readRequest(JSON.stringify(request)), { message });
  });
}
