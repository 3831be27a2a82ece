// Tests what is specific to ssh: connections, failures, and commands that are ended in every state.

import assert from "node:assert/strict";
import {
  type Argv,
  chain,
  type RunEvent,
  RunnerError,
  ssh,
  type SshOptions,
  stream,
  text,
} from "../../../mod.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesLike, processesWith } from "../../support/processes.ts";
import {
  HOST,
  knowsPenalties,
  makeHost,
  makeKey,
  shellsWith,
  SSH,
  startRefusingServer,
  startServer,
} from "../../support/sshd.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { isFile, needs } from "../../support/tools.ts";

const host = await makeHost();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ ...needs(name, ...SSH), fn });
}

function there(options: Partial<SshOptions> = {}) {
  const more = { ...host.options.options, ...options.options };
  return ssh({ ...host.options, ...options, options: more });
}

/** Runs a command that cannot run, and returns the error. */
async function failureOf(options: Partial<SshOptions>): Promise<RunnerError> {
  await using runner = there(options);
  const error: unknown = await runner.cmd("true").run().catch((error) => error);
  assert.ok(error instanceof RunnerError, String(error));
  return error;
}

/** Kills the one ssh whose command line matches. */
async function killSsh(pattern: string): Promise<void> {
  const pids = await eventually(
    () => processesLike(`^\\S*ssh -o .*${pattern}`),
    ({ length }) => length === 1, // those of earlier tests may be ending
    5000,
  );
  Deno.kill(Number(pids[0]), "SIGKILL");
}

/** Returns the folders of connections, both local and remote. */
function folders(): string[] {
  const own = /^execvm-(ssh-|[0-9a-f]{8}-[0-9a-f]{4}-)/;
  return [...Deno.readDirSync("/tmp")].map(({ name }) => name).filter((name) => own.test(name))
    .sort();
}

/** Returns the options of `execvm run` for the host. */
function flagsOf({ user, identity, options }: SshOptions): string[] {
  const rest = Object.entries(options!).flatMap((
    [name, value],
  ) => ["--option", `${name}=${value}`]);
  return ["--user", user!, "--identity", identity!, ...rest];
}

test("commands share one connection, or each has its own", async () => {
  const sessions = async (options: Partial<SshOptions>) => {
    await using runner = there(options);
    const script = 'ps -o ppid= -p "$PPID"';
    const parent = () => runner.cmd("sh", "-c", script).text();
    return new Set([await parent(), await parent(), await parent()]).size;
  };
  assert.equal(await sessions({}), 1);
  assert.equal(await sessions({ multiplex: false }), 3);
});

test("a disposed runner leaves nothing on either host", async () => {
  const before = folders();
  const runner = there();
  await runner.cmd("true").run();
  const own = folders().filter((name) => !before.includes(name));
  assert.ok(own.length >= 2, "one here and one there; those of the test before may still go");
  await runner[Symbol.asyncDispose]();
  await eventually(folders, (left) => !own.some((name) => left.includes(name)), 5000);
});

test("disposing a runner ends what still runs", async () => {
  const mark = newMark();
  const runner = there();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const sink = new WritableStream({ write: () => resolve() });
  const command = runner.cmd("sh", "-c", "echo ready; sleep 1000").env({ [MARK_VARIABLE]: mark });
  const run = command.to(stream(sink)).run();
  run.catch(() => {});
  await ready;
  await runner[Symbol.asyncDispose]();
  await assert.rejects(run, RunnerError);
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 5000);
});

test("a program that has run a command by ssh ends by itself, and leaves nothing", async () => {
  const before = folders();
  const args = ["run", "-r", `ssh:${HOST}`, ...flagsOf(host.options)];
  const script = "echo $WHO; cat; exit 9";
  const run = [...args, "--env", "WHO=me", "--", "sh", "-c", script];
  const { code, stdout, stderr } = await execvm(run, { stdin: "typed" });
  assert.deepEqual([code, stdout, stderr], [9, "me\ntyped", ""]);
  await eventually(folders, ({ length }) => length <= before.length, 5000);
});

test("the test host has this process's home, with Deno's cache in it", async () => {
  await using runner = there();
  assert.equal(await runner.cmd("sh", "-c", 'printf %s "$HOME"').text(), Deno.env.get("HOME"));
});

test("an unknown host key is refused, and the error says what to do", async () => {
  const error = await failureOf({ options: { UserKnownHostsFile: "/dev/null" } });
  assert.match(
    error.message,
    /^cannot connect by ssh: ssh reports: Host key verification failed\./,
  );
  assert.match(error.message, /add it to known_hosts$/);
  assert.deepEqual([error.runner, error.phase, error.argv[0]], ["ssh", "connect", "ssh"]);
  assert.equal(error.consoleTail, "Host key verification failed.\r\n");
});

test("a changed host key is refused", async () => {
  await makeKey(`${host.folder}/other`);
  const other = Deno.readTextFileSync(`${host.folder}/other.pub`);
  Deno.writeTextFileSync(`${host.folder}/changed`, `${HOST} ${other}`);
  const error = await failureOf({ options: { UserKnownHostsFile: `${host.folder}/changed` } });
  assert.match(error.message, /The key is not the known one/);
});

test("a wrong user key is refused", async () => {
  await makeKey(`${host.folder}/stranger`);
  const error = await failureOf({ identity: `${host.folder}/stranger` });
  assert.match(error.message, /Permission denied \(publickey/);
});

test("a host that cannot be reached is an error", async () => {
  const options = { ProxyCommand: "none", HostName: "127.0.0.1" };
  const error = await failureOf({ options, port: 1 });
  assert.match(error.message, /connect to host 127\.0\.0\.1 port 1: Connection refused/);
});

const REFUSED =
  /^cannot connect by ssh: ssh reports: Connection (closed|reset) by 127\.0\.0\.1 port \d+: after failed logins .*PerSourcePenalties/;

test("the error for a server that refuses this address mentions failed logins", async () => {
  await using server = startRefusingServer();
  const { message } = await failureOf({ options: server.options });
  assert.match(message, REFUSED);
  assert.doesNotMatch(message, /\n/);
});

// Only a newer sshd refuses addresses; with older ones the test above stands in.
if (await knowsPenalties()) {
  test("sshd itself refuses this address after a failed login", async () => {
    await using server = await startServer(host, "PerSourcePenalties authfail:100s min:1s");
    await makeKey(`${host.folder}/nobody`);
    const { options } = server;
    const failed = await failureOf({ options, identity: `${host.folder}/nobody` });
    assert.match(failed.message, /Permission denied \(publickey/);
    const knock = async () => {
      await using runner = there({ options });
      return await runner.cmd("echo", "let in").text().catch(String);
    };
    await eventually(knock, (said) => said !== "let in", 10_000); // the server records it a moment later
    assert.match((await failureOf({ options })).message, REFUSED);
  });
}

test("a missing ssh is an error", async () => {
  const error = await failureOf({ binary: "no-such-ssh" });
  assert.deepEqual([error.phase, error.argv[0]], ["start", "no-such-ssh"]);
  assert.match(error.message, /"no-such-ssh": there is no such command/);
});

test("execvm run exits with 125 and one line if it cannot connect", async () => {
  const args = ["run", "-r", "ssh", "--host", HOST, ...flagsOf(host.options)];
  const { code, stderr } = await execvm([
    ...args,
    "--option",
    "Port=1",
    "--port",
    "x",
    "--",
    "true",
  ]);
  assert.equal(code, 2, stderr);
  const unknown = args.map((arg) => arg.replace(/^(UserKnownHostsFile)=.*/, "$1=/dev/null"));
  const refused = await execvm([...unknown, "--", "true"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /^execvm: cannot connect by ssh: .*\n$/);
});

test("without FFI too, a connection that fails is the only error", async () => {
  const script = `
    import { ssh } from "${new URL("../../../mod.ts", import.meta.url)}";
    const run = ssh({ host: "127.0.0.1", port: 1 }).cmd("true").run();
    console.log(await run.then(() => "", ({ name, message }) => name + ": " + message));
  `;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--deny-ffi",
      "--quiet",
      `data:application/typescript,${encodeURIComponent(script)}`,
    ],
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  assert.match(
    new TextDecoder().decode(stdout),
    /^RunnerError: cannot connect by ssh: .*refused\n$/,
  );
});

test("a code of 255 is the command's own, and so is its stderr", async () => {
  await using runner = there();
  const script = "echo 'ssh: no error' >&2; exit 255";
  const { stages } = await runner.cmd("sh", "-c", script).run({ check: false });
  assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [255, "ssh: no error\n"]);
});

test("killing ssh is an error, and its command is gone", async () => {
  await using runner = there();
  const mark = newMark();
  const run = runner.cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark }).run();
  run.catch(() => {});
  await eventually(() => processesWith(mark), ({ length }) => length === 1, 5000);
  await killSsh(mark);
  await assert.rejects(run, { name: "RunnerError", message: /ssh was killed by SIGKILL/ });
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 2000);
});

test("a broken connection is an error, its command is gone, and the next command has a new one", async () => {
  await using runner = there();
  const mark = newMark();
  const run = runner.cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark }).run();
  run.catch(() => {});
  await eventually(() => processesWith(mark), ({ length }) => length === 1, 5000);
  await killSsh(`${host.folder}.* -M `);
  await assert.rejects(run, { name: "RunnerError", message: /the connection was lost/ });
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 5000);
  assert.equal(await runner.cmd("echo", "again").text(), "again");
});

test("an abort while it connects leaves no process", async () => {
  await using runner = there({ options: { ProxyCommand: "sleep 1000" } });
  const aborter = new AbortController();
  const run = runner.cmd("true").run({ signal: aborter.signal, onEvent: () => aborter.abort() });
  await assert.rejects(run, { name: "AbortError" });
  assert.deepEqual(await processesLike(`^\\S*ssh -o .*sleep 1000.*${host.folder}`), []);
});

test("an abort while it starts leaves no command", async () => {
  await using runner = there();
  await runner.cmd("true").run();
  const mark = newMark();
  const command = runner.cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark });
  const aborter = new AbortController();
  const run = command.run({ signal: aborter.signal, onEvent: () => aborter.abort() });
  await assert.rejects(run, { name: "AbortError" });
  const left = async () => [...await processesWith(mark), ...await shellsWith(mark)];
  await eventually(left, ({ length }) => length === 0, 2000);
});

test("a command that sshd starts after its run has ended does not run", async () => {
  // ssh is killed 1.5 s after the abort, and only then does sshd start the command.
  const slow = await makeHost();
  const late = `ForceCommand sleep 3; (eval "$SSH_ORIGINAL_COMMAND"); echo >${slow.folder}/late\n`;
  Deno.writeTextFileSync(`${slow.folder}/config`, late, { append: true });
  await using runner = ssh(slow.options);
  const aborter = new AbortController();
  const abort = (event: RunEvent) => {
    if (event.type === "phase" && event.phase === "running") aborter.abort();
  };
  const command = runner.cmd("sh", "-c", 'echo >"$0"', `${slow.folder}/ran`);
  const run = command.run({ signal: aborter.signal, onEvent: abort });
  await assert.rejects(run, { name: "AbortError" });
  await eventually(() => isFile(`${slow.folder}/late`), (isThere) => isThere, 5000);
  assert.ok(!isFile(`${slow.folder}/ran`));
});

test("an abort lets the command end gracefully", async () => {
  await using runner = there();
  using folder = tempDir();
  const cleanUp = `sleep 0.2; echo >${folder.path}/cleaned; exit 3`;
  const script = `trap '${cleanUp}' TERM; echo; while :; do sleep 0.1; done`;
  const aborter = new AbortController();
  const ready = new WritableStream({ write: () => aborter.abort() });
  const run = runner.cmd("sh", "-c", script).to(stream(ready)).run({ signal: aborter.signal });
  await assert.rejects(run, { name: "AbortError" });
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["cleaned"]);
});

test("a command that cannot share the connection gets its own", async () => {
  Deno.writeTextFileSync(`${host.folder}/config`, "MaxSessions 1\n", { append: true });
  await using runner = there();
  assert.equal(await runner.cmd("echo", "alone").text(), "alone");
});

test("a chain that a remote execvm runs keeps its words and stdin", async () => {
  const program = `${host.folder}/execvm`;
  const words = EXECVM.map((word) => `'${word}'`).join(" ");
  Deno.writeTextFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  await using runner = there({ chain: program });
  const read: Argv = ["sh", "-c", 'read -r line; echo "<$line>"'];
  const links = chain(read, chain(["printf", "%s\n", "it's\n--", ""], ["cat"])).on(runner);
  assert.equal(await text("a\nb\n").pipe(links).text(), "<a>\nit's\n--\n\nb");
});
