import assert from "node:assert/strict";
import { BuildLog } from "../../kernel/build_log.ts";
import { STEP_MARK } from "../../kernel/pipeline.ts";

const TEXT = [
  "before",
  `${STEP_MARK}configuring`,
  "warning: ä",
  `${STEP_MARK}compiling`,
  "  CC      fs/open.o",
  "  SYNC    include/config/auto.conf",
  "  not a command",
  "make: *** [x] Error 2",
].join("\n");

/** The progress and the tail of a log whose text comes in pieces of `size` bytes. */
async function follow(text: string, size: number) {
  const heard: unknown[] = [];
  const log = new BuildLog((...event) => heard.push(event));
  const writer = log.writable.getWriter();
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) await writer.write(bytes.subarray(at, at + size));
  await writer.close();
  return { heard, step: log.step, tail: log.tail };
}

Deno.test("a build log reports steps, counts files, and keeps the other lines, however they are split", async () => {
  for (const size of [1, 2, 3, 7, 1000]) {
    assert.deepEqual(await follow(TEXT, size), {
      heard: [["configuring"], ["compiling"], ["compiling", 1], ["compiling", 2]],
      step: "compiling",
      tail: ["before", "warning: ä", "  not a command", "make: *** [x] Error 2"].join("\n"),
    });
  }
});

Deno.test("a build log keeps the last lines only", async () => {
  const { tail, step } = await follow(
    Array.from({ length: 100 }, (_, line) => line).join("\n"),
    64,
  );
  assert.equal(tail.split("\n").length, 15);
  assert.ok(tail.endsWith("\n99"));
  assert.equal(step, "starting");
});
