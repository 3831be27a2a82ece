// Tests what is specific to docker: its options, its failures, and containers that are ended in
// every state.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { docker, type DockerOptions, RunnerError, stream } from "../../../mod.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { containersWith, DOCKER, dockerSays, IMAGE, startEngine } from "../../support/docker.ts";
import { eventually } from "../../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../../support/processes.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

await startEngine();

const RELAY = fileURLToPath(new URL("../../fixtures/relay_socket.ts", import.meta.url));

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ ...needs(name, DOCKER), fn });
}

/** Starts a process that relays one socket to another until it is killed. */
function startRelay(near: string, far: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", RELAY, near, far],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

function here(options: Partial<DockerOptions> = {}) {
  return docker({ image: IMAGE, ...options });
}

/** Runs a command that cannot run, and returns the error. */
async function failureOf(options: Partial<DockerOptions>): Promise<RunnerError> {
  const error: unknown = await here(options).cmd("true").run().catch((error) => error);
  assert.ok(error instanceof RunnerError, String(error));
  return error;
}

test("the command sees the options", async () => {
  using folder = tempDir();
  Deno.chmodSync(folder.path, 0o755);
  Deno.writeTextFileSync(`${folder.path}/file`, "of the host\n");
  const runner = here({
    user: "12:34",
    workdir: "/tmp",
    env: { FIRST: "1", SECOND: "2" },
    mounts: { [folder.path]: "/here" },
  });
  const script = "id -u; id -g; pwd; echo $FIRST $SECOND; cat /here/file";
  assert.deepEqual(await runner.cmd("sh", "-c", script).env({ SECOND: "3" }).lines(), [
    ...["12", "34", "/tmp", "1 3", "of the host"],
  ]);
});

test("limits are set in the container's control group", async () => {
  const runner = here({ memoryMib: 64, cpus: 0.5 });
  const script = "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us " +
    "2>/dev/null || cat memory.max cpu.max";
  assert.match(await runner.cmd("sh", "-c", script).text(), /^67108864\n50000\b/);
});

test("a mount is read-only by default", async () => {
  using folder = tempDir();
  const write = ["sh", "-c", "echo written >/here/file"] as const;
  const refused = await here({ mounts: { [folder.path]: "/here" } }).cmd(...write)
    .run({ check: false });
  assert.match(refused.stages[0]!.stderrTail, /Read-only file system/);
  const mounts = { [folder.path]: { path: "/here", write: true } };
  await here({ mounts }).cmd(...write).run();
  assert.equal(Deno.readTextFileSync(`${folder.path}/file`), "written\n");
});

test("the image's entry point is not put before the command", async () => {
  await dockerSays("rm", "-f", "with-entry");
  await dockerSays("create", "--name", "with-entry", "--entrypoint", "false", IMAGE);
  await dockerSays("commit", "with-entry", "execvm-entry");
  await dockerSays("rm", "with-entry");
  assert.equal(await here({ image: "execvm-entry" }).cmd("echo", "itself").text(), "itself");
});

test("a container has only the loopback interface", async () => {
  assert.equal(await here().cmd("ls", "/sys/class/net").text(), "lo");
});

test("a missing image is not pulled, and the error says how to pull it", async () => {
  const error = await failureOf({ image: "nowhere.invalid/image:1" });
  assert.equal(
    error.message,
    "cannot run in a container: there is no image nowhere.invalid/image:1 here: " +
      'docker pull nowhere.invalid/image:1, or set pull to "missing"',
  );
  assert.deepEqual([error.runner, error.phase], ["docker", "run"]);
  assert.deepEqual(error.argv.slice(0, 2), ["docker", "run"]);
  assert.match(error.consoleTail, /No such image/);
});

test("a missing image is pulled if pull says so", async () => {
  const { message } = await failureOf({ image: "127.0.0.1:1/image", pull: "missing" });
  assert.match(message, /127\.0\.0\.1:1.*connection refused/);
});

const REFUSED: readonly (readonly [Partial<DockerOptions>, RegExp])[] = [
  [{ network: "nowhere" }, /^cannot run in a container: (.*: )?network nowhere not found\.?$/],
  [{ user: "nobody-at-all" }, /unable to find user nobody-at-all/],
  [{ memoryMib: 1 }, /Minimum memory limit allowed is 6MB/],
  [{ cpus: 0.001 }, /./],
  [{ mounts: { "relative": "/x" } }, /relative/],
  [{ workdir: "/etc/passwd" }, /Cannot mkdir: \/etc\/passwd is not a directory/],
  [{ mounts: { "/dev/null": "/etc" } }, /not a directory/],
];

for (const [options, message] of REFUSED) {
  test(`docker's own message explains ${JSON.stringify(options)}`, async () => {
    const error = await failureOf(options);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /docker run --help/);
  });
}

test("codes 125 to 127 of a command are its own", async () => {
  for (const code of [125, 126, 127]) {
    const script = `echo 'docker: no error' >&2; exit ${code}`;
    const { stages } = await here().cmd("sh", "-c", script).run({ check: false });
    assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [code, "docker: no error\n"]);
  }
});

test("a command's own message about a broken pipe is passed on too", async () => {
  const script = "echo 'write /dev/stdout: broken pipe' >&2; exit 1";
  const { stages } = await here().cmd("sh", "-c", script).run({ check: false });
  assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [
    1,
    "write /dev/stdout: broken pipe\n",
  ]);
});

test("a reader that leaves causes no message on stderr", async () => {
  const runner = here();
  const { stages } = await runner.cmd("yes").pipe(runner.cmd("true")).run();
  assert.deepEqual([stages[0]!.signal, stages[0]!.stderrTail], ["SIGPIPE", ""]);
});

test("a missing docker is an error of the machinery", async () => {
  const error = await failureOf({ binary: "no-such-docker" });
  assert.deepEqual([error.phase, error.argv[0]], ["start", "no-such-docker"]);
  assert.match(error.message, /"no-such-docker": there is no such command/);
});

test("without an engine execvm run exits with 125 and two lines at most", async () => {
  const env = { DOCKER_HOST: "unix:///no/such/socket" };
  const args = ["run", "-r", "docker", "--image", IMAGE, "--", "true"];
  const { code, stderr } = await execvm(args, { env });
  assert.equal(code, 125);
  assert.match(stderr, /^execvm: cannot run in a container: .*unix:\/\/\/no\/such\/socket.*\n$/i);
});

test("a time limit ends a command whose stderr is not read", async () => {
  const run = [
    "run",
    "--timeout",
    "2s",
    "--kill-after",
    "1s",
    "-r",
    "docker",
    "--image",
    IMAGE,
    "--",
    "sh",
    "-c",
    "exec yes >&2",
  ];
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), ...run],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { code } = await child.status;
  await child.stderr.cancel();
  assert.equal(code, 124);
});

test("a command goes on if its stderr cannot be written", async () => {
  const script = "echo e >&2; sleep 1; exit 4";
  const run = ["run", "-r", "docker", "--image", IMAGE, "--", "sh", "-c", script];
  const toFull = ["-c", 'exec "$@" 2>/dev/full', "sh", ...EXECVM, ...run];
  const { code } = await new Deno.Command("sh", { args: toFull }).output();
  assert.equal(code, 4);
});

test("output that cannot be written is an error, and the container is gone", async () => {
  const mark = newMark();
  const run = ["run", "-r", "docker", "--image", IMAGE, "--env", `${MARK_VARIABLE}=${mark}`];
  const toFull = ["-c", 'exec "$@" >/dev/full', "sh", ...EXECVM, ...run, "--", "yes"];
  const { code, stderr } = await new Deno.Command("sh", { args: toFull }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [
    125,
    "execvm: cannot run in a container: its output cannot be written: no space left on device\n",
  ]);
  assert.deepEqual(await containersWith(mark), []);
});

test("execvm run accepts the options", async () => {
  const args = ["run", "-r", "docker", "--image", IMAGE, "--user", "7", "--memory", "64M"];
  const script = "id -u; echo $WHO; exit 9";
  const { code, stdout } = await execvm([...args, "--env", "WHO=me", "--", "sh", "-c", script]);
  assert.deepEqual([code, stdout], [9, "7\nme\n"]);
});

test("killing docker is an error, and its container is gone", async () => {
  const mark = newMark();
  const run = here().cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark }).run();
  run.catch(() => {});
  await eventually(() => containersWith(mark), ({ length }) => length === 1, 5000);
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", `docker run.*${mark}`] })
    .output();
  Deno.kill(Number(new TextDecoder().decode(stdout).split("\n")[0]), "SIGKILL");
  await assert.rejects(run, { name: "RunnerError", message: /docker was killed by SIGKILL/ });
  assert.deepEqual(await containersWith(mark), []);
});

test("an abort while docker starts leaves no container", async () => {
  const mark = newMark();
  const command = here().cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark });
  const aborter = new AbortController();
  const run = command.run({ signal: aborter.signal, onEvent: () => aborter.abort() });
  await assert.rejects(run, { name: "AbortError" });
  assert.deepEqual(await containersWith(mark), []);
});

test("an abort while the container is created leaves none", async () => {
  const mark = newMark();
  const command = here().cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark });
  const aborter = new AbortController();
  const run = command.run({ signal: aborter.signal });
  run.catch(() => {});
  await eventually(() => containersWith(mark), ({ length }) => length === 1, 5000);
  aborter.abort();
  await assert.rejects(run, { name: "AbortError" });
  assert.deepEqual(await containersWith(mark), []);
  assert.deepEqual(await processesWith(mark), []);
});

test("an abort ends a command with a terminal", async () => {
  const mark = newMark();
  const command = here({ tty: true }).cmd("sh", "-c", "trap 'exit 3' TERM; while :; do :; done");
  const aborter = new AbortController();
  const run = command.env({ [MARK_VARIABLE]: mark }).run({ signal: aborter.signal });
  run.catch(() => {});
  await eventually(() => containersWith(mark), ({ length }) => length === 1, 5000);
  aborter.abort();
  await assert.rejects(run, { name: "AbortError" });
  assert.deepEqual(await containersWith(mark), []);
});

test("a broken connection to the engine is an error, not the end of the command", async () => {
  using folder = tempDir();
  const path = `${folder.path}/socket`;
  const engine = Deno.env.get("DOCKER_HOST")!.slice("unix://".length);
  const mark = newMark();
  const args = ["--image", IMAGE, "--env", `${MARK_VARIABLE}=${mark}`, "--", "sleep", "1000"];
  const env = { DOCKER_HOST: `unix://${path}` };
  const relaying = startRelay(path, engine);
  await eventually(() => [...Deno.readDirSync(folder.path)], ({ length }) => length === 1, 10_000);
  const running = execvm(["run", "-r", "docker", ...args], { env });
  await eventually(() => containersWith(mark), ({ length }) => length > 0, 10_000);
  await eventually(() => processesWith(mark), ({ length }) => length > 0, 10_000);
  relaying.kill("SIGKILL");
  await relaying.status;
  const { code, stderr } = await running;
  assert.equal(code, 125, stderr);
  assert.match(stderr, /^execvm: cannot run in a container: [^]*\n$/);
  for (const line of await containersWith(mark)) {
    await dockerSays("rm", "-f", line.split(" ")[0]!.slice(1));
  }
});

test("the usual keys to detach go to the command", async () => {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  let shown = "";
  const keys = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await ready;
      controller.enqueue(Uint8Array.of(0x10, 0x11)); // ^P^Q
      controller.close();
    },
  }, { highWaterMark: 0 });
  const screen = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += new TextDecoder().decode(chunk);
      if (shown.includes("ready")) resolve();
    },
  });
  const command = here({ tty: true }).cmd("sh", "-c", "stty raw; echo ready; head -c 2 | od -c");
  await stream(keys).pipe(command).to(stream(screen)).run();
  assert.match(shown, /020 021/);
});
