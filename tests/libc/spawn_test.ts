import assert from "node:assert/strict";
import { Fd, openForReading, openPipe } from "../../src/libc/fd.ts";
import { readChunk } from "../../src/libc/fd_streams.ts";
import { reactorIdle } from "../../src/libc/reactor.ts";
import { type Child, sendSignal, spawn, type SpawnRequest } from "../../src/libc/spawn.ts";

async function output(argv: readonly string[], more: Partial<SpawnRequest> = {}): Promise<string> {
  const pipe = openPipe();
  using stdin = openForReading("/dev/null");
  const request = { path: "/bin/sh", argv, environment: ["A=1"], stdin, ...more };
  using child = spawn({ ...request, stdout: pipe.write, stderr: Fd.borrow(2) });
  pipe.write.close();
  let text = "";
  pipe.read.setNonblocking();
  using read = pipe.read;
  for (let chunk; (chunk = await readChunk(read, 1024)) !== undefined;) {
    text += new TextDecoder().decode(chunk);
  }
  await child.exited;
  await reactorIdle();
  return text;
}

function start(script: string): Child {
  const [stdin, stdout, stderr] = [0, 1, 2].map((number) => Fd.borrow(number));
  const argv = ["sh", "-c", script];
  return spawn({
    path: "/bin/sh",
    argv,
    environment: [],
    stdin: stdin!,
    stdout: stdout!,
    stderr: stderr!,
  });
}

Deno.test("a process inherits only its three descriptors", async () => {
  using _ours = openForReading("/dev/null");
  const list = ["-c", "cd /proc/self/fd && echo *"];
  // Descriptors that we were started with and did not close are inherited by every process.
  const { stdout } = await new Deno.Command("/bin/sh", { args: list }).output();
  assert.equal(await output(["sh", ...list]), new TextDecoder().decode(stdout));
});

Deno.test("a process gets the requested environment and working directory", async () => {
  const printed = await output(["sh", "-c", 'echo "$A $B"; pwd'], { cwd: "/usr" });
  assert.equal(printed, "1 \n/usr\n");
});

Deno.test("a process has the default action for SIGPIPE, as from a shell", async () => {
  const line = await output(["sh", "-c", "grep SigIgn /proc/self/status"]);
  const ignored = BigInt(`0x${line.split("\t")[1]!.trim()}`);
  assert.equal(ignored >> 12n & 1n, 0n);
});

Deno.test("stderr can be our stdout while stdout is a pipe", async () => {
  const pipe = openPipe();
  using read = pipe.read;
  const errors = openPipe();
  using stdin = openForReading("/dev/null");
  // 2 goes to what is 1 here, and must not follow 1 to the pipe.
  const path = "/bin/sh";
  const argv = ["sh", "-c", "readlink /proc/self/fd/2 >&1"];
  const request = { path, argv, environment: ["PATH=/bin:/usr/bin"], stdin, stdout: pipe.write };
  using child = spawn({ ...request, stderr: Fd.borrow(1) });
  pipe.write.close();
  read.setNonblocking();
  const shown = new TextDecoder().decode(await readChunk(read, 1024));
  await child.exited;
  errors.read.close();
  errors.write.close();
  await reactorIdle();
  assert.equal(shown.trim(), Deno.readLinkSync("/proc/self/fd/1"));
});

Deno.test("the exit status can be read repeatedly, and the pid is not reused", async () => {
  const child = start("exit 7");
  assert.deepEqual(await child.exited, { code: 7 });
  assert.deepEqual(await child.exited, { code: 7 });
  assert.equal(sendSignal(child.pid, "SIGTERM"), true); // to a zombie
  child[Symbol.dispose]();
  assert.equal(sendSignal(child.pid, "SIGTERM"), false);
  await reactorIdle();
});

Deno.test("the status of a process killed by a signal names it, also a real-time one", async () => {
  for (const [number, name] of [[9, "SIGKILL"], [10, "SIGUSR1"], [35, "SIGRTMIN+1"]] as const) {
    using child = start(`kill -${number} $$`);
    assert.deepEqual(await child.exited, { signal: name });
  }
  await reactorIdle();
});

Deno.test("a program that cannot be started throws the error of the system", () => {
  const path = "/no/such/program";
  const [stdin, stdout, stderr] = [0, 1, 2].map((number) => Fd.borrow(number));
  const request = {
    path,
    argv: ["x"],
    environment: [],
    stdin: stdin!,
    stdout: stdout!,
    stderr: stderr!,
  };
  assert.throws(() => spawn(request), { name: "SystemError", code: "ENOENT" });
  const huge = { ...request, path: "/bin/sh", argv: ["sh", "x".repeat(1 << 20)] };
  assert.throws(() => spawn(huge), { name: "SystemError", code: "E2BIG" });
});
