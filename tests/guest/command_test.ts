import assert from "node:assert/strict";
import { Fd, openForWriting, openPipe } from "../../src/libc/fd.ts";
import { readNow } from "../../src/libc/fd_streams.ts";
import { POLLIN } from "../../src/libc/reactor.ts";
import { openTerminal } from "../../src/libc/terminal.ts";
import { type CommandRequest, CommandRun, type LinkStatus } from "../../src/guest/command.ts";
import { tempDir } from "../support/temp_dir.ts";
import { limitedLoop } from "./fixture.ts";

/** How commands ended, and their output. */
interface Ended {
  readonly statuses: readonly LinkStatus[];
  readonly output: string;
}

/** Runs commands with one pipe as all their streams; `onOutput` is called at their first output. */
function run(
  commands: readonly (readonly string[])[],
  more: Partial<CommandRequest> = {},
  onOutput: (run: CommandRun) => void = () => {},
): Ended {
  using limited = limitedLoop();
  const { loop } = limited;
  const { read, write } = openPipe();
  using _read = read;
  using _write = write;
  const statuses: LinkStatus[] = [];
  const onEnd = (status: LinkStatus) => {
    assert.equal(loop.isBusy, false);
    statuses.push(status);
    loop.end();
  };
  const stdio = { stdin: Fd.borrow(0), stdout: write, stderr: write };
  const request = { commands, env: {}, cwd: undefined, ...stdio, onEnd, ...more };
  const command = new CommandRun(loop, request);
  const once = loop.watch(read, POLLIN, () => {
    once[Symbol.dispose]();
    onOutput(command);
  });
  if (statuses.length === 0) {
    assert.equal(loop.isBusy, true);
    loop.run();
  }
  const buffer = new Uint8Array(1 << 16);
  read.setNonblocking();
  const count = Math.max(readNow(read, buffer), 0);
  return { statuses, output: new TextDecoder().decode(buffer.subarray(0, count)) };
}

const sh = (script: string) => ["sh", "-c", script];

Deno.test("a command ends with its code, or the signal that killed it", () => {
  assert.deepEqual(run([sh("echo out; exit 7")]), { statuses: [{ code: 7 }], output: "out\n" });
  assert.deepEqual(run([sh("kill -9 $$")]).statuses, [{ signal: "SIGKILL" }]);
});

Deno.test("each command starts once the one before has succeeded, and the last that ran decides", () => {
  const all = run([sh("echo 1"), sh("echo 2"), sh("echo 3; exit 4")]);
  assert.deepEqual(all, { statuses: [{ code: 4, link: 3 }], output: "1\n2\n3\n" });
  const cut = run([sh("echo 1"), sh("echo 2; exit 5"), sh("echo 3")]);
  assert.deepEqual(cut, { statuses: [{ code: 5, link: 2 }], output: "1\n2\n" });
});

Deno.test("the stdout of a command in a chain goes where it was set to, that of the last is always passed on", () => {
  using folder = tempDir();
  const path = `${folder.path}/stderr`;
  Deno.writeTextFileSync(path, "");
  using stderr = openForWriting(path);
  const commands = [sh("echo 1"), sh("echo 2"), sh("echo 3"), sh("echo 4")];
  const stdouts = ["pass", "stderr", "discard", "discard"] as const;
  assert.equal(run(commands, { stdouts, stderr }).output, "1\n4\n");
  assert.equal(Deno.readTextFileSync(path), "2\n");
});

Deno.test("on a terminal, the stdout of a command in a chain can be discarded", () => {
  const { master, path: terminal } = openTerminal({ columns: 80, rows: 24 });
  using _master = master;
  const commands = [sh("echo 1; echo 2 >&2"), sh("echo 3")];
  run(commands, { stdouts: ["discard", "pass"], terminal });
  master.setNonblocking();
  const buffer = new Uint8Array(1024);
  const count = readNow(master, buffer)!;
  assert.equal(new TextDecoder().decode(buffer.subarray(0, count)), "2\r\n3\r\n");
});

Deno.test("the start of the last command is reported once, and not if an earlier one has failed", () => {
  let told = 0;
  const onLastStarted = () => void told++;
  run([sh("exit 0"), sh("exit 0")], { onLastStarted });
  assert.equal(told, 1);
  run([sh("exit 1"), sh("exit 0")], { onLastStarted });
  assert.equal(told, 1);
});

Deno.test("a command that is not found ends with 127, one that cannot be run with 126, as in a shell", () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/data`, "no program", { mode: 0o644 });
  const missing = run([["no-such-program"], sh("echo never")]);
  assert.deepEqual(missing.statuses, [{ code: 127, link: 1 }]);
  assert.match(missing.output, /^execvm: .*no-such-program.*\n$/);
  const unfit = run([sh("exit 0"), [`${folder.path}/data`]]);
  assert.deepEqual(unfit.statuses, [{ code: 126, link: 2 }]);
  assert.match(unfit.output, /^execvm: .*data.*\n$/);
});

Deno.test("a command gets the folder and variables that it is given, and a default PATH", () => {
  using folder = tempDir();
  const cwd = Deno.realPathSync(folder.path);
  const { output } = run([sh('pwd; echo "$A|$HOME|$PATH"')], { cwd, env: { A: "1 2\n3" } });
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  assert.equal(output, `${cwd}\n1 2\n3|/root|${path}\n`);
});

Deno.test("a signal reaches all processes that a command has started", () => {
  const child = "trap 'echo child; exit' TERM; echo ready; while :; do :; done";
  const script = `trap 'wait; exit 3' TERM; (${child}) & wait`;
  const signalled = run(
    [sh(script)],
    {},
    (command) => command.signal({ signal: "SIGTERM", to: "all" }),
  );
  assert.deepEqual(signalled, { statuses: [{ code: 3 }], output: "ready\nchild\n" });
});
