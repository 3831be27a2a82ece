// Rows on bytes: all of them arrive unchanged, and no others.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Argv, bytes, discard, type Pipeline, stream, text } from "../../mod.ts";
import type { Row } from "./row.ts";

const MIB = 1 << 20;
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, value) => value);

/**
 * Makes a stream of `mib` MiB that is neither compressible nor repetitive, and its sha256 at the
 * end.
 */
function numbered(mib: number): { stream: ReadableStream<Uint8Array>; digest: () => string } {
  const hash = createHash("sha256");
  const block = new Uint32Array(MIB / 4).map((_, index) => Math.imul(index, 2654435761));
  let count = 0;
  return {
    stream: new ReadableStream({
      pull(controller) {
        if (count === mib) return controller.close();
        block[0] = ++count;
        const chunk = new Uint8Array(block.slice().buffer);
        hash.update(chunk);
        controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 }),
    digest: () => hash.digest("hex"),
  };
}

/** Returns the sha256 of a pipeline's output, computed here. */
async function sha256Of(pipeline: Pipeline<"closed", "open">): Promise<string> {
  const hash = createHash("sha256");
  await pipeline.to(stream(new WritableStream({ write: (chunk) => void hash.update(chunk) })))
    .run();
  return hash.digest("hex");
}

/**
 * Returns a command that writes so many MiB; not by busybox's `head`, which copies byte by byte.
 */
function zeros(mib: number): Argv {
  return ["dd", "if=/dev/zero", "bs=1M", `count=${mib}`, "status=none"];
}

export const BYTE_ROWS: readonly Row[] = [
  {
    name: "stdout is exact for bytes 0 to 255",
    async check({ runner }) {
      const shown = ALL_BYTES.reduce(
        (line, byte) => `${line}\\${byte.toString(8).padStart(3, "0")}`,
        "",
      );
      assert.deepEqual(await runner().cmd("printf", shown).bytes(), ALL_BYTES);
    },
  },
  {
    name: "stdin is exact for bytes 0 to 255",
    async check({ runner }) {
      assert.deepEqual(await bytes(ALL_BYTES).pipe(runner().cmd("cat")).bytes(), ALL_BYTES);
    },
  },
  {
    name: "stderr is apart from stdout",
    async check({ runner }) {
      let stderr = "";
      const sink = new WritableStream<Uint8Array>({
        write: (chunk) => void (stderr += new TextDecoder().decode(chunk)),
      });
      const command = runner().cmd("sh", "-c", "echo out; echo err >&2").stderr(stream(sink));
      assert.equal(await command.text(), "out");
      assert.equal(stderr, "err\n");
    },
  },
  {
    name: "the end of stdin ends cat",
    async check({ runner }) {
      assert.equal(await text("no newline").pipe(runner().cmd("cat")).text(), "no newline");
    },
  },
  {
    name: "stdin is empty without a source",
    async check({ runner }) {
      assert.equal(await runner().cmd("wc", "-c").text(), "0");
    },
  },
  {
    name: "1 GiB comes through with the same sha256",
    async check({ runner, isEmulated }) {
      const { stream: source, digest } = numbered(1024);
      const passed = stream(source).pipe(runner().cmd("cat"));
      if (isEmulated === true) {
        assert.equal(await sha256Of(passed.pipe(runner().cmd("cat"))), digest());
      } else {
        const line = await passed.pipe(runner().cmd("sha256sum")).text();
        assert.equal(line.split(" ")[0], digest());
      }
    },
  },
  {
    name: "64 MiB come back with the same sha256",
    async check({ runner }) {
      const { stream: source, digest } = numbered(64);
      assert.equal(await sha256Of(stream(source).pipe(runner().cmd("cat"))), digest());
    },
  },
  {
    name: "stdout and stderr may be flooded at once",
    async check({ runner }) {
      let flooded = 0;
      const sink = new WritableStream<Uint8Array>({
        write: (chunk) => void (flooded += chunk.length),
      });
      const zeros = "dd if=/dev/zero bs=1M count=16 status=none";
      const flood = `${zeros} >&2 & ${zeros}; wait`;
      const output = await runner().cmd("sh", "-c", flood).stderr(stream(sink)).bytes();
      assert.deepEqual([output.length, flooded], [16 * MIB, 16 * MIB]);
    },
  },
  {
    name: "a slow reader holds the writer back, with flat memory",
    async check({ runner, isNarrow }) {
      const before = Deno.memoryUsage().rss;
      let peak = 0;
      const slow = new WritableStream<Uint8Array>({
        async write() {
          await new Promise((resolve) => setTimeout(resolve, 1));
          peak = Math.max(peak, Deno.memoryUsage().rss);
        },
      });
      await runner().cmd(...zeros(isNarrow === true ? 256 : 512)).to(stream(slow)).run();
      assert.ok(peak - before < 128 * MIB, `grew by ${(peak - before) / MIB} MiB`);
    },
  },
  {
    name: "a writer is not let run ahead of a reader that has stopped",
    async check({ runner, isNarrow }) {
      const length = isNarrow === true ? 96 : 256;
      const { promise: started, resolve: start } = Promise.withResolvers<void>();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      let pulled = 0;
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (++pulled > length) return controller.close();
          controller.enqueue(new Uint8Array(MIB));
        },
      }, { highWaterMark: 0 });
      const stopped = new WritableStream<Uint8Array>({
        write: () => (start(), released),
      });
      const run = stream(source).pipe(runner().cmd("cat")).to(stream(stopped)).run();
      await started;
      const early = await runner().cmd("echo", "meanwhile").text(); // others go on
      const ahead = pulled;
      release();
      await run;
      assert.equal(early, "meanwhile");
      assert.ok(ahead < 64, `${ahead} MiB were taken from the source while nobody read`);
    },
  },
  {
    name: "discarded output is read to its end",
    async check({ runner }) {
      const result = await runner().cmd(...zeros(4)).to(discard()).run();
      assert.equal(result.ok, true);
    },
  },
];
