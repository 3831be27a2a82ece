// Rows on pipes: streams behave like pipes, at both ends.

import assert from "node:assert/strict";
import { chain, CommandError, stream, text } from "../../mod.ts";
import type { Row } from "./row.ts";

/** Returns a source that never yields a byte nor ends, and whether it was cancelled. */
function silent(): { readonly stream: ReadableStream<Uint8Array>; cancelled: boolean } {
  const state = {
    cancelled: false,
    stream: new ReadableStream<Uint8Array>({ cancel: () => void (state.cancelled = true) }),
  };
  return state;
}

export const PIPE_ROWS: readonly Row[] = [
  {
    name: "yes | head -1 ends, and that yes dies of SIGPIPE is no failure",
    async check(subject) {
      const runner = subject.runner();
      const sink: string[] = [];
      const result = await runner.cmd("yes").pipe(runner.cmd("head", "-1")).to(stream(
        new WritableStream({ write: (chunk) => void sink.push(new TextDecoder().decode(chunk)) }),
      )).run();
      assert.equal(sink.join(""), "y\n");
      assert.deepEqual([result.ok, result.stages[0]!.signal], [true, "SIGPIPE"]);
    },
  },
  {
    name: "a command that ignores its stdin ends, and its endless source is cancelled",
    async check({ runner }) {
      const source = silent();
      assert.equal(await stream(source.stream).pipe(runner().cmd("echo", "done")).text(), "done");
      assert.equal(source.cancelled, true);
    },
  },
  {
    name: "a command that closes its stdin early does not fail the stage before it",
    async check(subject) {
      const runner = subject.runner();
      const early = runner.cmd("sh", "-c", "exec <&-; echo done");
      const result = await runner.cmd("dd", "if=/dev/zero", "bs=1M", "count=8", "status=none").pipe(
        early,
      ).run({
        check: false,
        stderr: "inherit",
      });
      assert.deepEqual([result.ok, result.stages[1]!.code], [true, 0]);
    },
  },
  {
    name: "a command that reads a part of a large text does not fail",
    async check({ runner }) {
      const large = text("line\n".repeat(1 << 20));
      assert.equal(await large.pipe(runner().cmd("head", "-1")).text(), "line");
    },
  },
  {
    name: "/dev/stdin can be opened again by its name",
    async check({ runner }) {
      assert.equal(await text("again").pipe(runner().cmd("cat", "/dev/stdin")).text(), "again");
    },
  },
  {
    name: "/dev/stdout and /dev/stderr can be opened again by their names",
    async check({ runner }) {
      const tee = runner().cmd("sh", "-c", "echo out > /dev/stdout; echo err > /dev/stderr");
      const errors: string[] = [];
      const sink = new WritableStream<Uint8Array>({
        write: (chunk) => void errors.push(new TextDecoder().decode(chunk)),
      });
      assert.equal(await tee.stderr(stream(sink)).text(), "out");
      assert.equal(errors.join(""), "err\n");
    },
  },
  {
    name: "all of a chain reads on in the same stdin",
    async check({ runner }) {
      const links = chain(
        ["sh", "-c", "read line; echo first $line"],
        ["sh", "-c", "read line; echo second $line"],
        ["cat"],
      ).on(runner());
      assert.equal(await text("a\nb\nc\n").pipe(links).text(), "first a\nsecond b\nc");
    },
  },
  {
    name: "a chain stops at the first failure, with its code",
    async check({ runner }) {
      const links = chain(["echo", "one"], ["sh", "-c", "exit 7"], ["echo", "never"]).on(runner());
      const seen: string[] = [];
      const sink = new WritableStream<Uint8Array>({
        write: (chunk) => void seen.push(new TextDecoder().decode(chunk)),
      });
      const result = await links.to(stream(sink)).run({ check: false, stderr: "inherit" });
      assert.deepEqual([seen.join(""), result.code], ["one\n", 7]);
    },
  },
  {
    name: "a chain that fails names the command, whichever it is, and says nothing else",
    async check({ runner }) {
      const [yes, no] = [["true"], ["sh", "-c", "echo why >&2; exit 7"]] as const;
      for (const [number, commands] of [[1, [no, yes]], [2, [yes, no]]] as const) {
        const link = { of: 2, number, argv: no };
        await assert.rejects(chain(...commands).on(runner()).run(), (error) => {
          assert.ok(error instanceof CommandError);
          const { failedLink, code, stderrTail, runner } = error.stages[0]!;
          assert.deepEqual([failedLink, code, stderrTail], [link, 7, "why\n"]);
          const text = `command ${number} of 2, sh (${runner}) exited with code 7:\nwhy`;
          assert.equal(error.message, text);
          return true;
        });
      }
      const { stages } = await chain(["true"], ["true"]).on(runner()).run();
      assert.deepEqual([stages[0]!.failedLink, stages[0]!.stderrTail], [undefined, ""]);
    },
  },
  {
    name: "what all but the last of a chain print goes to the output, to stderr, or nowhere",
    async check({ runner }) {
      const commands = [["echo", "1"], ["sh", "-c", "echo 2; echo e >&2"], ["echo", "3"]] as const;
      for (
        const [stdout, printed, said] of [
          ["pass", "1\n2\n3", "e\n"],
          ["stderr", "3", "1\n2\ne\n"],
          ["discard", "3", "e\n"],
        ] as const
      ) {
        const chunks: Uint8Array<ArrayBuffer>[] = [];
        const errors = new WritableStream<Uint8Array<ArrayBuffer>>({
          write: (chunk) => void chunks.push(chunk),
        });
        const links = chain(...commands, { stdout }).on(runner()).stderr(stream(errors));
        assert.equal(await links.text(), printed, stdout);
        assert.equal(await new Blob(chunks).text(), said, stdout);
      }
    },
  },
];
