// Signals to execvm while it supervises a command: the command receives them, and its exit status
// counts.

import assert from "node:assert/strict";
import { EXECVM } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { execvmOnTerminal } from "../../support/typed.ts";

/** Runs until it is killed; its children are short, as a shell runs its traps between them. */
const LAST = "while :; do sleep 0.1; done";

/** A run whose command has printed that it is ready. */
interface Started {
  readonly child: Deno.ChildProcess;
  /** Resolves once these words are in its output. */
  says(words: string): Promise<void>;
  /** Its whole output, at its end. */
  rest(): Promise<string>;
}

/** Starts `execvm run` with options that keep it from becoming the command. */
async function runReady(
  script: string,
  options: readonly string[] = ["--timeout", "100s"],
  before: readonly string[] = [],
): Promise<Started> {
  return await startReady(["run", ...options, "--", "sh", "-c", script], before);
}

/** Starts execvm with these arguments. @param before the argv of a program that then executes it */
async function startReady(
  subcommand: readonly string[],
  before: readonly string[] = [],
): Promise<Started> {
  const [program, ...args] = [...before, ...EXECVM, ...subcommand];
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const says = async (words: string) => {
    while (!said.includes(words)) {
      const { done, value } = await reader.read();
      assert.equal(done, false, `it ended before it said ${words}`);
      said += value;
    }
  };
  await says("ready\n");
  return {
    child,
    says,
    async rest() {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        said += next.value;
      }
      return said;
    },
  };
}

/** Whether something listens on the port of Deno's inspector. */
async function isInspectorOpen(): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port: 9229 });
    return true;
  } catch {
    return false;
  }
}

/** The state of a process, such as T for a stopped one; undefined if it has ended. */
function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s*(\S)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  } catch {
    return undefined;
  }
}

for (const name of ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "CONT", "WINCH"]) {
  Deno.test(`SIG${name} to run reaches the command, whose own exit code counts`, async () => {
    const script = `trap 'echo ${name}; exit 7' ${name}; echo ready; ${LAST}`;
    const { child, rest } = await runReady(script);
    child.kill(`SIG${name}` as Deno.Signal);
    assert.deepEqual([await rest(), (await child.status).code], [`ready\n${name}\n`, 7]);
  });
}

Deno.test("the inspector that Deno opens on SIGUSR1 is closed", async () => {
  const script = `sleep 1; trap 'echo heard' USR1; trap 'exit 7' TERM; echo ready; ${LAST}`;
  const { child, rest, says } = await runReady(script); // Deno listens from its first half second on
  child.kill("SIGUSR1");
  await says("heard");
  await eventually(isInspectorOpen, (isOpen) => !isOpen, 1000);
  child.kill("SIGTERM");
  await rest();
  assert.equal((await child.status).code, 7);
});

Deno.test("a signal that the command does not catch is reported as its death", async () => {
  const { child, rest } = await runReady("echo ready; exec sleep 1000");
  child.kill("SIGQUIT");
  await rest();
  assert.equal((await child.status).code, 131);
});

Deno.test("a signal reaches the commands of pipe", async () => {
  using folder = tempDir();
  const path = `${folder.path}/pipeline.json`;
  const args = ["sh", "-c", `trap 'exit 7' USR2; echo ready; ${LAST}`];
  Deno.writeTextFileSync(
    path,
    JSON.stringify({ type: "command", args, output: { type: "stdout" } }),
  );
  const { child, rest } = await startReady(["pipe", path]);
  child.kill("SIGUSR2");
  assert.deepEqual([await rest(), (await child.status).code], ["ready\n", 7]);
});

Deno.test("SIGKILL follows SIGTERM after --kill-after", async () => {
  const options = ["--kill-after", "300ms"];
  const { child, rest } = await runReady(`trap '' TERM; echo ready; ${LAST}`, options);
  child.kill("SIGTERM");
  assert.deepEqual([await rest(), (await child.status).code], ["ready\n", 137]);
});

Deno.test("with --kill-after 0s a SIGTERM kills at once", async () => {
  const { child, rest } = await runReady(`trap '' TERM; echo ready; ${LAST}`, [
    "--kill-after",
    "0s",
  ]);
  child.kill("SIGTERM");
  assert.deepEqual([await rest(), (await child.status).code], ["ready\n", 137]);
});

for (const name of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`a second ${name} within 2 s kills if stdin is not a terminal`, async () => {
    const script = `trap 'sleep 0.5; echo heard' TERM INT; echo ready; ${LAST}`;
    const { child, rest, says } = await runReady(script, ["--kill-after", "1h"]);
    child.kill(name);
    await says("heard");
    child.kill(name);
    await rest();
    assert.equal((await child.status).code, 137);
  });
}

Deno.test("a SIGTERM delivered twice at once, as by timeout(1), counts as one", async () => {
  const script = `trap 'sleep 1; exit 7' TERM; echo ready; ${LAST}`;
  const { child, rest } = await runReady(script);
  const twice = 'kill -TERM "$1"; sleep 0.03; kill -TERM "$1"'; // less apart the kernel may make one of them
  await new Deno.Command("sh", { args: ["-c", twice, "sh", `${child.pid}`] }).output();
  await rest();
  assert.equal((await child.status).code, 7);
});

Deno.test("SIGTSTP stops the command and execvm, SIGCONT resumes both", async () => {
  const script = `trap 'exit 7' USR1; echo $$; echo ready; ${LAST}`;
  const { child, rest } = await runReady(script);
  const pids = [child.pid, ...childrenOf(child.pid)];
  assert.equal(pids.length > 1, true);
  child.kill("SIGTSTP");
  const states = () => pids.map(stateOf);
  // A shell that starts a program waits in "D" if that is stopped before its exec, as vfork(2) does.
  await eventually(states, ([own, ...others]) => own === "T" && others.every(isStopped), 5000);
  child.kill("SIGCONT");
  await eventually(states, (found) => found.every((state) => state !== "T"), 5000);
  child.kill("SIGUSR1");
  await rest();
  assert.equal((await child.status).code, 7);
});

function isStopped(state: string | undefined): boolean {
  return state === "T" || state === "D";
}

function childrenOf(pid: number): number[] {
  const said = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  const all = said.split(" ").filter(Boolean).map(Number);
  return all.filter((child) => /exit 7/.test(Deno.readTextFileSync(`/proc/${child}/cmdline`)));
}

Deno.test("a signal that is ignored, as after nohup, stays ignored", async () => {
  const before = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"];
  const script = `trap 'exit 7' USR1; echo ready; ${LAST}`;
  const { child, rest } = await runReady(script, ["--timeout", "100s"], before);
  child.kill("SIGHUP");
  child.kill("SIGUSR1");
  await rest();
  assert.equal((await child.status).code, 7);
});

Deno.test("^C on a terminal reaches the command once, and its exit status counts", async () => {
  const script = `trap 'echo heard' INT; trap 'exit 7' USR1; echo ready; ${LAST}`;
  const run = execvmOnTerminal(["run", "--timeout", "100s", "--", "sh", "-c", script]);
  await run.shows("ready");
  run.type("\x03");
  await run.shows("heard");
  Deno.kill(run.pid(), "SIGUSR1");
  assert.equal((await run.result).code, 7);
  assert.equal(run.shown().split("heard").length, 2, run.shown());
});

Deno.test("a second ^C on a terminal also reaches the command", async () => {
  const script = `n=; trap 'n=x$n; echo heard$n' INT; trap 'exit 7' USR1; echo ready; ${LAST}`;
  const run = execvmOnTerminal(["run", "--timeout", "100s", "--", "sh", "-c", script]);
  await run.shows("ready");
  run.type("\x03");
  await run.shows("heardx");
  run.type("\x03");
  await run.shows("heardxx");
  Deno.kill(run.pid(), "SIGUSR1");
  assert.equal((await run.result).code, 7);
});

Deno.test("^C on a terminal reaches the command of a chain once", async () => {
  using folder = tempDir();
  const path = `${folder.path}/chain.json`;
  const script = `trap 'echo heard' INT; trap 'exit 7' USR1; echo ready; ${LAST}`;
  Deno.writeTextFileSync(
    path,
    JSON.stringify({ type: "chain", commands: [["sh", "-c", script], ["true"]] }),
  );
  const run = execvmOnTerminal(["pipe", path]);
  await run.shows("ready");
  for (let times = 2; times < 6; times++) { // what the kernel makes one signal of it does not always
    run.type("\x03");
    await eventually(() => run.shown().split("heard").length, (parts) => parts >= times, 5000);
  }
  Deno.kill(run.pid(), "SIGUSR1");
  assert.equal((await run.result).code, 7);
  assert.equal(run.shown().split("heard").length, 5, run.shown());
});

Deno.test("with -t each key reaches the command as it is typed, also with a time limit", async () => {
  const script = "stty raw -echo; echo ready; head -c1 | od -c; exit 7";
  const run = execvmOnTerminal(["run", "-t", "--timeout", "100s", "--", "sh", "-c", script]);
  await run.shows("ready");
  run.type("z");
  await run.shows("0000001");
  assert.equal((await run.result).code, 7);
});

Deno.test("with -t the bytes that the command's terminal shows are shown as they are", async () => {
  const script = "printf 'x\\ny\\n'; stty -opost; printf 'a\\nb\\n'; stty opost; exit 7";
  const run = execvmOnTerminal(["run", "-t", "--timeout", "100s", "--", "sh", "-c", script]);
  assert.equal((await run.result).code, 7);
  assert.match(run.shown(), /x\r\ny\r\na\nb\n/);
});
