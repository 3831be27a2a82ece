// Rows on signals: they reach the command as themselves, and its own status counts.

import assert from "node:assert/strict";
import { chain, type Pipeline, type Result, type Runner, stream } from "../../mod.ts";
import type { SignalName } from "../../src/libc/signals.ts";
import type { SignalledRunOptions } from "../../src/model/run_options.ts";
import { SignalSource } from "../../src/model/signal_source.ts";
import type { Row, Subject } from "./row.ts";

/** The signals to send, except TERM, with which the rows end their commands. */
const TOLD = ["HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "CONT", "WINCH"] as const;

/** Lasts until it is killed; its short-lived children let the shell run its traps. */
const LAST = "while :; do sleep 0.1; done";

/** A running pipeline that gets signals. */
interface Signalled {
  readonly result: Promise<Result>;
  /** Resolves once it has printed a line. */
  says(line: string): Promise<void>;
  send(signal: SignalName): void;
  output(): string;
}

function runSignalled(
  pipeline: Pipeline<"open", "open">,
  options: Omit<SignalledRunOptions, "signals"> = {},
): Signalled {
  const signals = new SignalSource();
  let output = "";
  let moved = Promise.withResolvers<void>();
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      output += new TextDecoder().decode(chunk);
      moved.resolve();
      moved = Promise.withResolvers();
    },
  });
  const all: SignalledRunOptions = { check: false, ...options, signals };
  const result = pipeline.to(stream(sink)).run(all);
  return {
    result,
    output: () => output,
    send: (signal) => assert.notEqual(signals.send(signal), undefined, `${signal} was not heard`),
    async says(line) {
      while (!output.split("\n").includes(line)) {
        const isOver = await Promise.race([moved.promise, result.then(() => true)]);
        assert.ok(isOver !== true || output.split("\n").includes(line), `it said ${output}`);
      }
    },
  };
}

function sh(runner: Runner, script: string) {
  return runner.cmd("sh", "-c", script);
}

function endings({ stages }: Result): unknown[] {
  return stages.map(({ code, signal }) => signal ?? code);
}

/** Returns the signals that a subject can be sent. */
function toldTo({ withheldSignals = {} }: Subject): readonly string[] {
  return TOLD.filter((name) => withheldSignals[name] === undefined);
}

export const SIGNAL_ROWS: readonly Row[] = [
  {
    name: "each signal reaches the command as itself, once, and its own status counts",
    async check(subject) {
      const names = toldTo(subject);
      const traps = names.map((name) => `trap 'echo ${name}' ${name}`).join("; ");
      const script = `${traps}; trap 'exit 7' TERM; echo ready; ${LAST}`;
      const run = runSignalled(sh(subject.runner(), script));
      await run.says("ready");
      for (const name of names) {
        run.send(`SIG${name}` as SignalName);
        await run.says(name);
      }
      run.send("SIGTERM");
      const result = await run.result;
      assert.deepEqual([result.code, ...endings(result)], [7, 7]);
      assert.deepEqual(run.output().trimEnd().split("\n"), ["ready", ...names]);
    },
  },
  {
    name: "a signal that a command does not catch is its death",
    async check(subject) {
      const run = runSignalled(sh(subject.runner(), "echo ready; exec sleep 1000"));
      await run.says("ready");
      run.send("SIGINT");
      const result = await run.result;
      assert.deepEqual([result.code, ...endings(result)], [130, "SIGINT"]);
    },
  },
  {
    name: "a signal reaches all stages",
    async check(subject) {
      const runner = subject.runner();
      const first = sh(runner, `trap 'exit 3' HUP; echo ready; ${LAST}`);
      const passOn = "(trap '' HUP; exec cat)";
      // Its signal may arrive after the first command has ended.
      const untilHup = "i=0; while [ -z $hup ] && [ $((i += 1)) -le 20 ]; do sleep 1; done";
      const script = `trap 'hup=1' HUP; ${passOn}; ${untilHup}; echo second $hup; exit 4`;
      const second = sh(runner, script);
      const run = runSignalled(first.pipe(second));
      await run.says("ready");
      run.send("SIGHUP");
      const result = await run.result;
      assert.deepEqual([result.code, ...endings(result)], [4, 3, 4]);
      assert.match(run.output(), /second 1\n$/);
    },
  },
  {
    name: "a command that takes 4 s to end after SIGTERM is not killed",
    async check(subject) {
      const handler = "sleep 4; echo done; exit 7";
      const run = runSignalled(sh(subject.runner(), `trap '${handler}' TERM; echo ready; ${LAST}`));
      await run.says("ready");
      run.send("SIGTERM");
      const result = await run.result;
      assert.deepEqual([result.code, run.output()], [7, "ready\ndone\n"]);
    },
  },
  {
    name: "SIGKILL follows a SIGTERM that is ignored, after killAfterMs",
    async check(subject) {
      const script = `trap '' TERM; echo ready; ${LAST}`;
      const run = runSignalled(sh(subject.runner(), script), { killAfterMs: 500 });
      await run.says("ready");
      run.send("SIGTERM");
      const result = await run.result;
      assert.deepEqual([result.code, ...endings(result)], [137, "SIGKILL"]);
    },
  },
  {
    name: "a command whose time is over may end by itself, and what it says then is not lost",
    async check(subject) {
      const script = `trap 'sleep 2; echo done; exit 7' TERM; echo ready; ${LAST}`;
      for (const timeoutMs of [1500, 3000, 6000, 12_000, 24_000]) {
        const run = runSignalled(sh(subject.runner(), script), { timeoutMs });
        const result = await run.result;
        const isTooEarly = run.output() === "" && timeoutMs < 24_000; // its start takes longer
        if (isTooEarly) continue;
        assert.deepEqual([result.code, result.timedOut, ...endings(result)], [124, true, 7]);
        assert.equal(run.output(), "ready\ndone\n");
        break;
      }
    },
  },
  {
    name: "a chain goes on after a signal that its command has caught, but not after SIGTERM",
    async check(subject) {
      const catches = (
        name: string,
      ): [string, ...string[]] => ["sh", "-c", `trap 'exit 0' ${name}; echo ready; ${LAST}`];
      for (const [name, expected] of [["USR1", "ready\nlast\n"], ["TERM", "ready\n"]] as const) {
        const run = runSignalled(
          chain(catches(name), ["echo", "last"]).on(subject.runner()),
        );
        await run.says("ready");
        run.send(`SIG${name}`);
        const { code } = await run.result;
        assert.deepEqual([run.output(), code], [expected, name === "TERM" ? 143 : 0]);
      }
    },
  },
  {
    name: "the command of a chain hears each signal once",
    async check(subject) {
      const names = [...toldTo(subject).filter((name) => name !== "INT"), "TERM"];
      const traps = names.map((name) => `trap 'echo ${name}' ${name}`).join("; ");
      const script = `${traps}; trap 'exit 7' INT; echo ready; ${LAST}`;
      const run = runSignalled(chain(["sh", "-c", script], ["true"]).on(subject.runner()));
      await run.says("ready");
      for (const name of names) {
        run.send(`SIG${name}` as SignalName);
        await run.says(name);
      }
      run.send("SIGINT");
      const { code } = await run.result;
      assert.deepEqual([code, run.output().trimEnd().split("\n")], [7, ["ready", ...names]]);
    },
  },
  {
    name: "the command of a chain whose time is over hears SIGTERM once",
    async check(subject) {
      const script = `trap 'echo TERM' TERM; trap 'exit 7' USR1; echo ready; ${LAST}`;
      const run = runSignalled(
        chain(["sh", "-c", script], ["true"]).on(subject.runner()),
        { timeoutMs: 8000 },
      );
      await run.says("TERM");
      run.send("SIGUSR1");
      const { code } = await run.result;
      assert.deepEqual([code, run.output()], [124, "ready\nTERM\n"]);
    },
  },
];
