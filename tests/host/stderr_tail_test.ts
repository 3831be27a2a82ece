import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { StderrTail, TAIL_BYTES } from "../../src/host/stderr_tail.ts";

Deno.test("the last 8 KiB of stderr are kept, whatever the chunks", () => {
  const chunks = fc.array(fc.nat({ max: 3 * TAIL_BYTES }), { maxLength: 6 });
  fc.assert(fc.property(chunks, (lengths) => {
    const tail = new StderrTail();
    let all = "";
    for (const [index, length] of lengths.entries()) {
      const chunk = String(index).repeat(length);
      all += chunk;
      tail.push(new TextEncoder().encode(chunk));
    }
    assert.equal(tail.toString(), all.slice(-TAIL_BYTES));
  }));
});
