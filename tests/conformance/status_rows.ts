// Rows on how a command ends: with a code, by a signal, or because it could not be run.

import assert from "node:assert/strict";
import { chain, CommandError, type ExitStatus, type Result, type Runner } from "../../mod.ts";
import { fromShellStatus } from "../../src/runners/contract/shell_status.ts";
import type { Row } from "./row.ts";

const UNCHECKED = { check: false, stderr: "inherit" } as const;

/** The path of a file on the computer that a command runs on. */
const MADE = `/tmp/execvm-test-${crypto.randomUUID()}`;

/** Returns a command that creates an executable file with this content. */
function makeExecutable(content: string): [string, ...string[]] {
  return ["sh", "-c", 'printf %s "$1" >"$0" && chmod 755 "$0"', MADE, content];
}

/** Removes the file at the end, if that computer was this machine. */
function removedHere(path: string): Disposable {
  return {
    [Symbol.dispose]() {
      try {
        Deno.removeSync(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}

async function quietly(runner: Runner, ...argv: [string, ...string[]]): Promise<Result> {
  return await runner.cmd(...argv).run({ check: false });
}

async function inBatches<T, R>(items: readonly T[], size: number, one: (item: T) => Promise<R>) {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...await Promise.all(items.slice(start, start + size).map(one)));
  }
  return results;
}

export const STATUS_ROWS: readonly Row[] = [
  {
    name: "exit codes 0 to 255 are told as they are",
    async check(subject) {
      const runner = subject.runner();
      const all = Array.from({ length: 256 }, (_, code) => code);
      const codes = subject.isSlow === true ? [0, 1, 126, 127, 128, 137, 255] : all;
      const seen = await inBatches(codes, subject.isSlow === true ? 2 : 16, async (code) => {
        const { stages } = await runner.cmd("sh", "-c", `exit ${code}`).run(UNCHECKED);
        return [stages[0]!.code, stages[0]!.signal];
      });
      const areSignals = subject.codesAreSignals !== undefined;
      const expected = codes.map((code) => areSignals ? fromShellStatus(code) : { code })
        .map((status: ExitStatus) => [status.code, status.signal]);
      assert.deepEqual(seen, expected);
    },
  },
  {
    name: "death by a signal is told as that signal",
    async check(subject) {
      const runner = subject.runner();
      const all = ["HUP", "INT", "QUIT", "ABRT", "KILL", "USR1", "SEGV", "PIPE", "TERM"];
      const signals = subject.isSlow === true ? ["INT", "KILL", "SEGV", "PIPE"] : all;
      const seen = await inBatches(signals, subject.isSlow === true ? 2 : 4, async (signal) => {
        const { stages } = await runner.cmd("sh", "-c", `kill -${signal} $$`).run(UNCHECKED);
        return [stages[0]!.signal, stages[0]!.code];
      });
      assert.deepEqual(seen, signals.map((name) => [`SIG${name}`, undefined]));
    },
  },
  {
    name: "a failing command throws a CommandError with its stderr",
    async check({ runner }) {
      const failing = runner().cmd("sh", "-c", "echo reason >&2; exit 3").run();
      await assert.rejects(failing, (error) => {
        assert.ok(error instanceof CommandError);
        assert.deepEqual([error.code, error.stages[0]?.stderrTail], [3, "reason\n"]);
        return true;
      });
    },
  },
  {
    name: "the rightmost stage that failed decides",
    async check(subject) {
      const runner = subject.runner();
      const fail = (code: number) => runner.cmd("sh", "-c", `cat >/dev/null; exit ${code}`);
      const result = await fail(3).pipe(fail(4)).pipe(runner.cmd("true")).run(UNCHECKED);
      assert.deepEqual([result.ok, result.code], [false, 4]);
    },
  },
  {
    name: "a command that is not found gives 127",
    async check({ runner }) {
      const { stages, code } = await quietly(runner(), "no-such-command-anywhere");
      assert.deepEqual([code, stages[0]!.code], [127, 127]);
      assert.match(stages[0]!.stderrTail, /no-such-command-anywhere/);
    },
  },
  {
    name: "a command that is not executable gives 126",
    async check({ runner }) {
      const { stages, code } = await quietly(runner(), "/etc/passwd");
      assert.deepEqual([code, stages[0]!.code], [126, 126]);
      assert.match(stages[0]!.stderrTail, /\/etc\/passwd/);
    },
  },
  {
    name: "a script without #! is run by sh",
    async check({ runner }) {
      const show = `printf '[%s]' "$0" "$@"`;
      using _made = removedHere(MADE);
      const run = chain(makeExecutable(show), [MADE, "a b", "", "*"]).on(runner());
      assert.equal(await run.text(), `[${MADE}][a b][][*]`);
    },
  },
  {
    name: "an empty file that is executable does nothing, and succeeds",
    async check({ runner }) {
      using _made = removedHere(MADE);
      const run = chain(makeExecutable(""), [MADE, "x"]).on(runner());
      assert.equal(await run.text(), "");
    },
  },
  {
    name: "a program of another architecture does not run",
    async check({ runner, foreignProgramCode = 126 }) {
      using _made = removedHere(MADE);
      const header = "\\177ELF\\002\\001\\001\\000\\000rm -f this";
      const run = chain(["sh", "-c", `printf "$1" >"$0" && chmod 755 "$0"`, MADE, header], [MADE]);
      assert.equal((await run.on(runner()).run({ check: false })).code, foreignProgramCode);
    },
  },
  {
    name: "a folder is not executable",
    async check({ runner }) {
      assert.equal((await quietly(runner(), "/")).code, 126);
    },
  },
];
