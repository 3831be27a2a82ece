import "../support/test_cache.ts";
import assert from "node:assert/strict";
import { cmd, each, fromJSON, prepareImage } from "../../mod.ts";
import { confine } from "../../src/mcp/confine.ts";
import { limitsOf, type Policy, POLICY_DEFAULTS, Refusal } from "../../src/mcp/policy.ts";
import { isCommand, type StageNode } from "../../src/model/nodes.ts";
import { vm } from "../../src/runners/vm/runner.ts";
import { rawTar } from "../archive/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

const POLICY: Policy = {
  ...POLICY_DEFAULTS,
  runners: [],
  options: [],
  images: [],
  files: undefined,
};

type Block = Readonly<Record<string, unknown>>;

const cat: Block = { type: "command", args: ["cat"], env: {} };
const code = (options: Block): Block => ({ type: "code", image: "a", text: "", options });
const on = (runner: Block): Block => ({ ...cat, runner });

async function confined(pipeline: Block, policy: Partial<Policy> = {}, stdin?: string) {
  const whole = { ...POLICY, ...policy };
  const limits = limitsOf({}, whole);
  const { description } = fromJSON(pipeline);
  const given = { policy: whole, limits, runner: vm(), stdin };
  return (await confine(description, { ...given, stderrOf: () => new WritableStream() }))
    .description;
}

const REFUSED: readonly [string, Block, Partial<Policy>, RegExp][] = [
  ["the local runner", on({ type: "local" }), {}, /on local: only .*: vm, void$/],
  ["docker", on({ type: "docker", image: "x" }), {}, /on docker:x: only/],
  ["ssh", on({ type: "ssh", host: "x" }), {}, /on ssh:x: only/],
  [
    "an image other than the one that is allowed",
    on({ type: "docker", image: "y" }),
    { runners: ["docker:x"] },
    /on docker:y: only .*docker:x$/,
  ],
  ["a network", on({ type: "vm", network: "user" }), {}, /network/],
  [
    "a network of docker's",
    on({ type: "docker", image: "x", network: "host" }),
    { runners: ["docker"] },
    /network/,
  ],
  ["a program as QEMU", on({ type: "vm", qemu: "/bin/sh" }), {}, /"qemu" of vm/],
  ["a file as a disk", on({ type: "vm", devices: { "/etc/shadow": "/dev/vda" } }), {}, /"devices"/],
  ["a root of this machine", on({ type: "vm", root: "/" }), {}, /clients use prepared images/],
  ["a root to fetch", on({ type: "vm", root: "oci://x" }), {}, /clients use prepared images/],
  ["a kernel", on({ type: "vm", kernel: "/x" }), {}, /"kernel" of vm/],
  ["modules", on({ type: "vm", modules: "/x", kernel: "/x" }), {}, /"(modules|kernel)" of vm/],
  ["a console", on({ type: "vm", console: "/x" }), {}, /"console" of vm/],
  [
    "a folder as a mount",
    on({ type: "docker", image: "x", mounts: { "/": "/host" } }),
    { runners: ["docker"] },
    /"mounts" of docker/,
  ],
  [
    "a program as docker",
    on({ type: "docker", image: "x", binary: "/bin/sh" }),
    { runners: ["docker"] },
    /"binary" of docker/,
  ],
  [
    "files of this machine for a machine",
    on({ type: "vm", files: { "/x": "/etc/passwd" } }),
    {},
    /"files" of vm: clients may not/,
  ],
  [
    "outputs of a machine on this machine",
    on({ type: "vm", outputs: { "/x": "/etc/passwd" } }),
    {},
    /"outputs" of vm: clients may not/,
  ],
  [
    "options of ssh, which may run programs",
    on({ type: "ssh", host: "x", options: { ProxyCommand: "id" } }),
    { runners: ["ssh"] },
    /"options" of ssh/,
  ],
  ["too much memory", on({ type: "vm", memoryMib: 4096 }), {}, /memoryMib 4096: .* is 2048$/],
  ["too many processors", on({ type: "vm", cpus: 250 }), {}, /cpus 250/],
  ["a build by docker", { type: "text", text: "", output: { type: "dockerBuild" } }, {
    runners: ["docker"],
  }, /dockerBuild/],
  [
    "a fan-out, whose items have not been checked",
    JSON.parse(JSON.stringify(each([1], () => cmd("cat")))),
    {},
    /cannot use the source each/,
  ],
  ["stdin, which is the protocol's", { type: "stdin", output: cat }, {}, /stdin/],
  [
    "stderr to stdout, which is the protocol's",
    { ...cat, stderr: { type: "stdout" } },
    {},
    /separately/,
  ],
  [
    "many pipelines at once",
    { type: "each", items: [{ pipeline: on({ type: "local" }) }], output: cat },
    {},
    /each/,
  ],
  [
    "a file",
    { type: "file", name: "/etc/passwd", output: cat },
    {},
    /no access to files of this machine/,
  ],
  ["a tar", { type: "tar", files: ["etc"], output: cat }, {}, /no access to files of this machine/],
  [
    "a file to write",
    { ...cat, output: { type: "file", name: "x" } },
    {},
    /no access to files of this machine/,
  ],
  [
    "a folder to write",
    { ...cat, output: { type: "untar", directory: "x" } },
    {},
    /no access to files/,
  ],
  [
    "stderr to a file",
    { ...cat, stderr: { type: "file", name: "x" } },
    {},
    /no access to files of this machine/,
  ],
  ["code that warms a template", code({ warm: "import os" }), {}, /the option "warm" of vm/],
  [
    "code with a kernel",
    code({ kernel: "/x" }),
    {},
    /the option "kernel" of vm: clients may not$/,
  ],
  ["code with a network", code({ network: "user" }), {}, /a network of vm: clients get none$/],
  ["code with a place for outputs", code({ outputsDir: "/etc" }), {}, /the option "outputsDir"/],
  [
    "code with a file of this machine",
    code({ files: { a: "/etc/shadow" } }),
    {},
    /no access to files/,
  ],
  [
    "code with too much memory",
    code({ memoryMib: 4096 }),
    {},
    /memoryMib 4096: the most here is 2048$/,
  ],
  [
    "code that runs too long",
    code({ timeoutMs: 400_000 }),
    {},
    /timeoutMs 400000: the most here is/,
  ],
  [
    "code whose stderr goes to a file",
    { ...code({}), stderr: { type: "file", name: "x" } },
    {},
    /no access to files of this machine/,
  ],
  [
    "very many stages of code",
    Array.from({ length: 8 }).reduce<Block>((output) => ({ ...code({}), output }), cat),
    {},
    /9 commands/,
  ],
  [
    "very many commands",
    Array.from({ length: 20 }).reduce<Block>((output) => ({ ...cat, output }), cat),
    {},
    /21 commands/,
  ],
];

for (const [what, pipeline, policy, message] of REFUSED) {
  Deno.test(`confine() refuses ${what}`, async () => {
    await assert.rejects(confined(pipeline, policy), (error) => {
      assert.ok(error instanceof Refusal);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("confine() refuses a field of a command that it does not know", async () => {
  const odd = { type: "command", args: ["cat"], env: {}, lend: "/etc" } as StageNode;
  const confines = { policy: POLICY, limits: limitsOf({}, POLICY), runner: vm(), stdin: undefined };
  const stderrOf = () => new WritableStream();
  await assert.rejects(
    confine({ stages: [odd] }, { ...confines, stderrOf }),
    /cannot use lend of a command/,
  );
});

Deno.test("confine() limits a machine that the pipeline names", async () => {
  const { stages } = await confined(on({ type: "vm" }));
  assert.ok(isCommand(stages[0]!));
  assert.deepEqual(stages[0].runner!.options, { memoryMib: 512, cpus: 1 });
});

Deno.test("confine() lets a client choose the user of a command, in a machine and in a container", async () => {
  const pipelines = [
    on({ type: "vm", user: "1000:1000" }),
    on({ type: "docker", image: "x", network: "none", user: "1000:1000" }),
  ];
  for (const pipeline of pipelines) {
    const { stages } = await confined(pipeline, { runners: ["docker:x"] });
    assert.ok(isCommand(stages[0]!));
    assert.equal(stages[0].runner!.options["user"], "1000:1000");
  }
});

Deno.test("confine() passes on a root that the policy names, and no other", async () => {
  const options = [{ kind: "vm", name: "root", value: "debian:bookworm" }];
  const { stages } = await confined(on({ type: "vm", root: "debian:bookworm" }), { options });
  assert.ok(isCommand(stages[0]!));
  assert.equal(stages[0].runner!.options["root"], "debian:bookworm");
  await assert.rejects(confined(on({ type: "vm", root: "/" }), { options }), Refusal);
});

Deno.test({
  ...needs("confine() lets a client choose a prepared image as the root of a machine", "sqfstar"),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    const from = `${folder.path}/root.tar`;
    Deno.writeFileSync(from, rawTar({ name: "a", data: "a" }));
    const { path } = await prepareImage({ from, name: "py" });
    const { stages } = await confined(on({ type: "vm", root: "py" }));
    assert.ok(isCommand(stages[0]!));
    assert.equal(stages[0].runner!.options["root"], path);
  },
});

Deno.test("confine() limits a container without a memory option", async () => {
  const runner = { type: "docker", image: "x", network: "none" };
  const { stages } = await confined(on(runner), { runners: ["docker:x"] });
  assert.ok(isCommand(stages[0]!));
  assert.equal(stages[0].runner!.options["memoryMib"], 512);
});

Deno.test("confine() gives a pipeline without a source the stdin of the request, or none", async () => {
  assert.deepEqual((await confined(cat, {}, "hi")).source, { type: "text", text: "hi" });
  assert.deepEqual((await confined(cat)).source, { type: "empty" });
  const own = { type: "text", text: "", output: cat };
  await assert.rejects(confined(own, {}, "hi"), /has a source/);
});

/** Makes a folder for clients, with links that lead out of it. */
function folderOfClients(place: string): Pick<Policy, "files"> {
  Deno.mkdirSync(`${place}/own/inner`, { recursive: true });
  Deno.writeTextFileSync(`${place}/own/file`, "");
  Deno.writeTextFileSync(`${place}/secret`, "");
  Deno.symlinkSync("../secret", `${place}/own/link`);
  Deno.symlinkSync("..", `${place}/own/up`);
  Deno.symlinkSync("file", `${place}/own/alias`);
  Deno.symlinkSync("nothing", `${place}/own/dangling`);
  return { files: Deno.realPathSync(`${place}/own`) };
}

Deno.test("confine() gives files below the folder of clients, by their real paths", async () => {
  using folder = tempDir();
  const policy = folderOfClients(folder.path);
  const { files } = policy;
  const source = async (name: string) =>
    (await confined({ type: "file", name, output: cat }, policy)).source;
  const sink = async (name: string) =>
    (await confined({ ...cat, output: { type: "file", name } }, policy)).sink;
  for (const name of ["file", "alias", "inner/../file", `${files}/file`]) {
    assert.deepEqual(await source(name), { type: "file", name: `${files}/file` });
    assert.deepEqual(await sink(name), { type: "file", name: `${files}/file` });
  }
  assert.deepEqual(await sink("inner/new"), { type: "file", name: `${files}/inner/new` });
  const tar = { type: "tar", files: ["file"], directory: ".", output: cat };
  assert.deepEqual((await confined(tar, policy)).source, {
    type: "tar",
    files: ["file"],
    directory: files,
  });
});

for (const name of ["../secret", "link", "up/secret", "/etc/passwd", "inner/../../secret"]) {
  Deno.test(`confine() refuses ${name}, which leads out of the folder of clients`, async () => {
    using folder = tempDir();
    const policy = folderOfClients(folder.path);
    const out = [
      { type: "file", name, output: cat },
      { type: "tar", files: [name], output: cat },
      { type: "tar", files: ["."], directory: name, output: cat },
      { ...cat, output: { type: "file", name } },
      { ...cat, output: { type: "untar", directory: name } },
      { ...cat, stderr: { type: "file", name } },
    ];
    for (const pipeline of out) await assert.rejects(confined(pipeline, policy), Refusal);
  });
}

const ANY_VALUE = ["files", "outputs", "kernel", "modules", "console", "initrd", "devices", "root"];

/** Options of machines that clients may set, with paths below or out of their folder. */
const withPath = (path: string): readonly Block[] => [
  { files: { "/x": path } },
  { outputs: { "/x": path } },
  { kernel: path },
  { kernel: "file", modules: path },
  { console: path },
  { kernel: "file", initrd: path },
  { devices: { [path]: "/dev/vda" } },
  { devices: { [path]: { path: "/dev/vda", write: true } } },
  { root: path },
];

Deno.test("confine() gives options of machines paths below the folder of clients only", async () => {
  using folder = tempDir();
  const own = folderOfClients(folder.path);
  const policy = { ...own, options: ANY_VALUE.map((name) => ({ kind: "vm", name })) };
  const run = async (options: Block) => {
    const { stages } = await confined(on({ type: "vm", ...options }), policy);
    assert.ok(isCommand(stages[0]!));
    const { cpus: _cpus, memoryMib: _memory, ...rest } = stages[0].runner!.options;
    return rest;
  };
  for (const [index, options] of withPath("alias").entries()) {
    const real = JSON.stringify(withPath(`${own.files}/file`)[index])
      .replace('"file"', JSON.stringify(`${own.files}/file`));
    assert.deepEqual(await run(options), JSON.parse(real));
  }
  for (const path of ["../secret", "link", "up/secret", `${folder.path}/secret`]) {
    for (const options of withPath(path)) {
      await assert.rejects(run(options), Refusal, JSON.stringify(options));
    }
  }
  assert.deepEqual(await run({ console: "-" }), { console: "-" });
  const content = { files: { "/x": { base64: "YQ==" } } };
  assert.deepEqual(await run(content), content);
  const twice = run({ devices: { file: "/dev/vda", alias: "/dev/vdb" } });
  await assert.rejects(twice, /another path is the same file/);
  await assert.rejects(run({ outputs: { "/x": "dangling" } }), /link to nothing/);
});

Deno.test("confine() refuses paths where clients have no folder, unless the policy names them", async () => {
  const any = { options: ANY_VALUE.map((name) => ({ kind: "vm", name })) };
  for (const options of withPath("/etc/passwd")) {
    await assert.rejects(confined(on({ type: "vm", ...options }), any), Refusal);
  }
  const named = { options: [{ kind: "vm", name: "kernel", value: "/boot/vmlinuz" }] };
  const { stages } = await confined(on({ type: "vm", kernel: "/boot/vmlinuz" }), named);
  assert.ok(isCommand(stages[0]!));
  assert.equal(stages[0].runner!.options["kernel"], "/boot/vmlinuz");
});

Deno.test("confine() refuses programs that the policy does not name", async () => {
  using folder = tempDir();
  const own = folderOfClients(folder.path);
  const program = on({ type: "vm", qemu: `${own.files}/file` });
  const any = { ...own, options: [{ kind: "vm", name: "qemu" }] };
  await assert.rejects(confined(program, any), /only programs that the server names/);
  const value = `${own.files}/file`;
  await confined(program, { ...own, options: [{ kind: "vm", name: "qemu", value }] });
});

Deno.test("confine() confines the files of a runner inside, and mounts of containers", async () => {
  using folder = tempDir();
  const own = folderOfClients(folder.path);
  const granted = [{ kind: "ssh", name: "inner" }, { kind: "docker", name: "mounts" }];
  const policy = { ...own, runners: ["ssh", "docker"], options: granted };
  const inside = (path: string) => {
    const inner = { type: "vm", kernel: "/boot/vmlinuz", outputs: { "/x": path } };
    return on({ type: "ssh", host: "x", inner });
  };
  const mount = (path: string) => on({ type: "docker", image: "x", mounts: { [path]: "/x" } });
  for (const make of [inside, mount]) {
    await confined(make("file"), policy);
    await assert.rejects(confined(make("../secret"), policy), /not below the folder of clients/);
  }
});

Deno.test("confine() gives code a kernel below the folder of clients only", async () => {
  using folder = tempDir();
  const own = folderOfClients(folder.path);
  const policy = { ...own, options: [{ kind: "vm", name: "kernel" }] };
  await assert.rejects(confined(code({ kernel: "../secret" }), policy), /not below the folder/);
});

Deno.test("confine() refuses to write through a dangling link", async () => {
  using folder = tempDir();
  const policy = folderOfClients(folder.path);
  const pipeline = { ...cat, output: { type: "file", name: "dangling" } };
  await assert.rejects(confined(pipeline, policy), /link to nothing/);
});

Deno.test("limitsOf() returns the defaults, but no more than the policy grants", () => {
  const policy = { ...POLICY, maxTimeoutMs: 1000, maxMemoryMib: 128 };
  assert.deepEqual(limitsOf({}, policy), {
    timeoutMs: 1000,
    memoryMib: 128,
    cpus: 1,
    maxOutputBytes: 1 << 20,
  });
  assert.throws(() => limitsOf({ timeoutMs: 1001 }, policy), /timeoutMs 1001: .* is 1000$/);
});
