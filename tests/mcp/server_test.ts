// Tests `execvm mcp` with the client of the official SDK and real machines.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { prepareImage } from "../../mod.ts";
import { codeTest, makeShellRoot } from "../code/fixture.ts";
import { EXECVM, execvm } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { connectMcp, type ProgressSeen } from "../support/mcp_client.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";

/** How long ending may take, in milliseconds: generous, as machines are slow to start and stop. */
const LIMIT_MS = 240_000;

/** Long enough for a first run, which may have to build an initrd and a template. */
const timeoutMs = 280_000;

const command = (...args: string[]) => ({ type: "command", args, env: {} });
const pipeline = {
  type: "text",
  text: "b\na\n",
  output: { ...command("sort"), output: command("sh", "-c", "cat; echo why >&2; exit 3") },
};

Deno.test("mcp lists its tools, with a schema each", async () => {
  await using server = await connectMcp();
  const tools = await server.tools();
  const names = tools.map(({ name }) => name);
  assert.deepEqual(names, [
    "plan_pipeline",
    "run_pipeline",
    "run_code",
    "list_images",
    "list_runners",
  ]);
  for (const { inputSchema, description } of tools) {
    assert.equal(inputSchema.type, "object");
    assert.ok(description!.length > 20);
  }
});

Deno.test("mcp plans a pipeline, as text and as data", async () => {
  await using server = await connectMcp();
  const { text, data } = await server.call("plan_pipeline", { pipeline });
  assert.match(text, /^text\(4 characters\)\n.*\nvm: sort\n/);
  const stages = data.plan.stages.map((
    { runner, argv }: Record<string, unknown>,
  ) => [runner, argv]);
  assert.deepEqual(stages[0], ["vm", ["sort"]]);
});

Deno.test("mcp accepts and returns words that are not UTF-8 as base64", async () => {
  await using server = await connectMcp();
  const odd = { base64: "Yf9i" };
  const { text, data } = await server.call("plan_pipeline", {
    pipeline: { type: "command", args: ["rm", odd], env: { A: odd } },
  });
  assert.match(text, /^vm: rm \$'a\\377b'$/m);
  assert.deepEqual(data.plan.stages[0].argv, ["rm", odd]);
});

Deno.test("mcp lists the runners and limits that its options set", async () => {
  const options = ["--max-timeout", "7s", "--max-memory", "1G", "--allow-runner", "local"];
  await using server = await connectMcp(options);
  const { data } = await server.call("list_runners", {});
  assert.deepEqual(data.runners.map(({ runner }: { runner: string }) => runner), [
    "vm",
    "void",
    "local",
  ]);
  assert.deepEqual([data.limits.maxTimeoutMs, data.limits.maxMemoryMib], [7000, 1024]);
});

const REFUSED: readonly [string, Record<string, unknown>, RegExp][] = [
  ["run_pipeline", { pipeline: { ...command("true"), runner: { type: "local" } } }, /on local/],
  ["run_pipeline", { pipeline: { type: "file", name: "/etc/passwd" } }, /files of this machine/],
  ["run_pipeline", { pipeline: { type: "cmd" } }, /^cannot read the pipeline: type: /],
  ["run_pipeline", { pipeline: command("true"), timeoutMs: 10 ** 9 }, /timeoutMs/],
  ["run_pipeline", { pipeline: command("true"), memoryMib: 10 ** 6 }, /memoryMib/],
  ["run_pipeline", {}, /^cannot call run_pipeline: pipeline: /],
  ["plan_pipeline", { pipeline: { ...command("true"), runner: { type: "local" } } }, /on local/],
  ["run_code", { image: "nothing", code: "" }, /image "nothing": there is none/],
  ["run_code", { image: "x", code: "", network: "user" }, /network/],
];

Deno.test("mcp reports a refusal as an error of the tool, in one line", async () => {
  await using server = await connectMcp();
  for (const [tool, args, message] of REFUSED) {
    const { isError, text } = await server.call(tool, args);
    assert.ok(isError, JSON.stringify(args));
    assert.match(text, message);
    assert.doesNotMatch(text, /\n/);
  }
});

Deno.test("mcp returns a protocol error for a tool that does not exist", async () => {
  await using server = await connectMcp();
  await assert.rejects(server.call("bake", {}), /-32602.*no tool "bake"/);
});

Deno.test("mcp runs local commands and uses files only where that is allowed", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/in`, "hi");
  await using server = await connectMcp(["--allow-runner", "local", "--files", folder.path]);
  const runner = { type: "local" };
  const copy = {
    type: "file",
    name: "in",
    output: { ...command("cat"), runner, output: { type: "file", name: "out" } },
  };
  const { data } = await server.call("run_pipeline", { pipeline: copy });
  assert.deepEqual([data.ok, data.stdout], [true, ""]);
  assert.equal(Deno.readTextFileSync(`${folder.path}/out`), "hi");
  const outside = { type: "file", name: "../etc/passwd", output: { ...command("cat"), runner } };
  assert.ok((await server.call("run_pipeline", { pipeline: outside })).isError);
});

codeTest(
  "mcp copies files of its folder to a machine and outputs back, where that is allowed, and no others",
  async () => {
    using folder = tempDir();
    Deno.mkdirSync(`${folder.path}/own`);
    Deno.writeTextFileSync(`${folder.path}/own/in`, "hi");
    const allowed = ["files", "outputs"].flatMap((name) => ["--allow-option", `vm:${name}`]);
    await using server = await connectMcp([...allowed, "--files", `${folder.path}/own`]);
    const copy = (host: string, target: string) => {
      const runner = { type: "vm", files: { "/in": host }, outputs: { "/out": target } };
      return { ...command("cp", "/in", "/out"), runner };
    };
    const { data } = await server.call("run_pipeline", { pipeline: copy("in", "out"), timeoutMs });
    assert.equal(data.ok, true);
    assert.equal(Deno.readTextFileSync(`${folder.path}/own/out`), "hi");
    for (const [host, target] of [["../x", "out"], ["in", "../x"], ["/etc/passwd", "out"]]) {
      const refused = await server.call("run_pipeline", { pipeline: copy(host!, target!) });
      assert.match(refused.text, /not below the folder of clients|there is no such file/);
    }
  },
);

Deno.test("mcp cuts output at its limit, and returns stderr and the status of stages", async () => {
  await using server = await connectMcp(["--allow-runner", "local"]);
  const runner = { type: "local" };
  const flood = { ...command("sh", "-c", "echo why >&2; yes"), runner };
  const { data } = await server.call("run_pipeline", { pipeline: flood, maxOutputBytes: 5 });
  assert.deepEqual([data.stdout, data.truncated, data.code], ["y\ny\ny", true, 141]);
  assert.equal(data.stages[0].stderrTail, "why\n");
  const binary = { ...command("printf", "\\377"), runner };
  assert.equal((await server.call("run_pipeline", { pipeline: binary })).data.stdoutBase64, "/w==");
});

codeTest(
  "mcp runs a pipeline in machines, ends it at its time limit, and ends one that is cancelled",
  async () => {
    const mark = newMark();
    await using server = await connectMcp([], { [MARK_VARIABLE]: mark });
    const { data } = await server.call("run_pipeline", { pipeline, timeoutMs });
    assert.deepEqual([data.ok, data.code, data.stdout], [false, 3, "a\nb\n"]);
    assert.equal(data.stages[1].stderrTail, "why\n");

    const sleep = { pipeline: command("sleep", "1000"), timeoutMs };
    const late = await server.call("run_pipeline", { ...sleep, timeoutMs: 3000 });
    assert.deepEqual([late.data.timedOut, late.data.code], [true, 124]);

    const cancel = new AbortController();
    const cancelled = server.call("run_pipeline", sleep, { signal: cancel.signal });
    cancelled.catch(() => {});
    const machines = async () =>
      (await processesWith(mark)).filter((line) => line.includes("qemu-system"));
    await eventually(machines, ({ length }) => length === 1, LIMIT_MS);
    cancel.abort();
    await assert.rejects(cancelled);
    await eventually(machines, ({ length }) => length === 0, LIMIT_MS);
    assert.equal((await server.call("list_images", {})).isError, false);
  },
);

codeTest("mcp runs code on an image, and shows what it made", async () => {
  using folder = tempDir();
  const { key } = await prepareImage({ from: await makeShellRoot(`${folder.path}/root`) });
  await using server = await connectMcp();
  const { data: { images } } = await server.call("list_images", {});
  assert.ok(images.some(({ name }: { name: string }) => name === key));
  const code = 'cat given; cat; printf "\\377" > binary; cp given text; exit 4';
  const { data } = await server.call("run_code", {
    image: key.slice(0, 20),
    language: "sh",
    code,
    stdin: "in\n",
    files: { given: "given\n" },
  });
  assert.deepEqual([data.exitStatus, data.stdout], [4, "given\nin\n"]);
  const made = data.artifacts.map(({ path, change, text, base64 }: Record<string, string>) => [
    path,
    change,
    text ?? base64,
  ]);
  assert.deepEqual(made, [
    ["/workspace/binary", "created", "/w=="],
    ["/workspace/text", "created", "given\n"],
  ]);

  const block = {
    type: "code",
    image: key,
    text: "tr a-z A-Z; touch made",
    output: command("cat"),
  };
  const shell = { ...block, options: { language: "sh" } };
  const piped = await server.call("run_pipeline", { pipeline: shell, stdin: "in", timeoutMs });
  assert.equal(piped.data.stdout, "IN");
  const [{ codeResult }] = piped.data.stages;
  assert.deepEqual(codeResult.artifacts.map(({ path }: { path: string }) => path), [
    "/workspace/made",
  ]);
  const unknown = await server.call("run_pipeline", { pipeline: { ...shell, image: "none" } });
  assert.equal(unknown.text, 'cannot take the image "none": there is none');

  const root = { pipeline: command("ls", "/etc/passwd"), image: key, timeoutMs };
  assert.equal((await server.call("run_pipeline", root)).data.stdout, "/etc/passwd\n");
});

codeTest(
  "mcp prepares an image where that is allowed, with progress, and runs code on it",
  async () => {
    using folder = tempDir();
    const mark = newMark();
    const from = await makeShellRoot(`${folder.path}/root`);
    const options = ["--allow-image", `${folder.path}/*`];
    await using server = await connectMcp(options, { [MARK_VARIABLE]: mark }, "2026-07-28");
    const seen: ProgressSeen[] = [];
    const onprogress = (progress: ProgressSeen) => void seen.push(progress);
    const script = ["sh", "-c", "cat /given > /made"];
    const wanted = { from, files: { "/given": "hi\n" }, run: [script] };
    const { data, text } = await server.call("prepare_image", wanted, { onprogress });
    assert.match(data?.name ?? text, /^[0-9a-f]{64}$/);
    assert.ok(seen.some(({ message }) => message === "booting a machine"), JSON.stringify(seen));

    const { data: { images, preparableFrom } } = await server.call("list_images", {});
    assert.deepEqual(preparableFrom, [`${folder.path}/*`]);
    assert.ok(images.some(({ name }: { name: string }) => name === data.name));
    const run = { image: data.name, language: "sh", code: "cat /made", timeoutMs };
    const phases: ProgressSeen[] = [];
    const onphase = (progress: ProgressSeen) => void phases.push(progress);
    const result = await server.call("run_code", run, { onprogress: onphase });
    assert.equal(result.data.stdout, "hi\n");
    assert.equal(phases[0]!.message, "starting");

    const cancel = new AbortController();
    const booted = Promise.withResolvers<void>();
    const endless = { ...wanted, run: [["sh", "-c", "sleep 1000"]] };
    const cancelled = server.call("prepare_image", endless, {
      signal: cancel.signal,
      onprogress: ({ message = "" }) => message.startsWith("running") && booted.resolve(),
    });
    cancelled.catch(() => {});
    await booted.promise;
    cancel.abort();
    await assert.rejects(cancelled);
    const machines = async () =>
      (await processesWith(mark)).filter((line) => line.includes("qemu-system"));
    await eventually(machines, ({ length }) => length === 0, LIMIT_MS);
  },
);

codeTest("mcp ends a preparation that takes too long", async () => {
  using folder = tempDir();
  const from = await makeShellRoot(`${folder.path}/root`);
  await using server = await connectMcp(["--allow-image", from, "--max-prepare", "1ms"]);
  const { isError, text } = await server.call("prepare_image", { from, run: [["true"]] });
  const fact = "it takes longer than the 0.001 s that are allowed here";
  assert.deepEqual([isError, text], [true, `cannot prepare the image: ${fact}`]);
});

Deno.test("mcp does not offer to prepare images unless that is allowed", async () => {
  await using server = await connectMcp();
  await assert.rejects(server.call("prepare_image", { from: "/" }), /no tool "prepare_image"/);
});

codeTest("mcp ends all that runs, and itself, when its client is gone", async () => {
  const mark = newMark();
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), "mcp"],
    env: { [MARK_VARIABLE]: mark },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = new Response(child.stdout).text();
  const writer = child.stdin.getWriter();
  const send = (message: Record<string, unknown>) =>
    writer.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  await send({
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    },
  });
  await send({ method: "notifications/initialized" });
  const args = { pipeline: command("sh", "-c", "echo out; exec sleep 1000") };
  await send({ id: 2, method: "tools/call", params: { name: "run_pipeline", arguments: args } });
  const machines = async () =>
    (await processesWith(mark)).filter((line) => line.includes("qemu-system"));
  await eventually(machines, ({ length }) => length === 1, LIMIT_MS);
  await writer.close();
  assert.equal((await child.status).code, 0);
  await eventually(machines, ({ length }) => length === 0, LIMIT_MS);
  // Nothing but the protocol was written to stdout.
  const lines = (await output).split("\n").filter((line) => line !== "");
  assert.deepEqual(lines.map((line) => JSON.parse(line).id), [1]);
});

Deno.test("mcp with invalid options exits with 2 and one line", async () => {
  const missing = await execvm(["mcp", "--files", "/no/such"]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /^execvm: cannot give clients "\/no\/such": [^\n]+\n$/);
  const runner = await execvm(["mcp", "--allow-runner", "dokcer"]);
  assert.equal(runner.code, 2);
  assert.match(runner.stderr, /did you mean docker\?/);
});

const WRONG: readonly [string, string, RegExp][] = [
  ["--allow-option", "vm", /it is not KIND:NAME or KIND:NAME=VALUE/],
  ["--allow-option", "vn:network", /vn is not a runner, nor image/],
  ["--allow-option", "vm:netwrk", /vm has no option netwrk \(did you mean network\?\)/],
  ["--allow-option", "image:run", /image has no option run/],
  ["--allow-image", "*", /name a source/],
  ["--allow-image", "/*", /name a source/],
  ["--allow-image", "", /name a source/],
  ["--max-queue", "-1", /it must be/],
  ["--max-queue", "x", /it must be/],
  ["--max-prepare", "soon", /soon/],
];

for (const [option, value, message] of WRONG) {
  Deno.test(`mcp ${option} ${JSON.stringify(value)} exits with 2 and one line`, async () => {
    const { code, stdout, stderr } = await execvm(["mcp", `${option}=${value}`]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
    assert.match(stderr, /^execvm: [^\n]+\n/);
  });
}

Deno.test("another subcommand does not make Deno look for the SDK's packages", async () => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", "--no-config", main],
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.includes("@stricli/core"));
  assert.ok(!text.includes("modelcontextprotocol"));
});
