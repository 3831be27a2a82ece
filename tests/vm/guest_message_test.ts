// Messages of a guest, checked field by field.

import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { type GuestMessage, ProtocolError } from "../../src/machine/protocol.ts";
import { checkGuestMessage } from "../../src/vm/guest_message.ts";

const RIGHT: readonly GuestMessage[] = [
  { type: "hello", version: 1 },
  { type: "detached" },
  { type: "started", uid: 0, gid: 0 },
  { type: "waiting" },
  { type: "stdin-closed" },
  { type: "end", stream: "stdout", bytes: 0 },
  { type: "end", stream: "stderr", bytes: Number.MAX_SAFE_INTEGER },
  { type: "exit", code: 0 },
  { type: "exit", code: 255 },
  { type: "exit", signal: "SIGKILL" },
  { type: "exit", code: 1, oomKills: 2 },
  { type: "exit", code: 1, link: 2 },
  { type: "exit", signal: "SIGKILL", link: 1, oomKills: 0 },
  { type: "exit", signal: "SIGKILL", oomKills: 0 },
  { type: "failed", phase: "start", message: "no such folder" },
];

const WRONG: readonly Record<string, unknown>[] = [
  {},
  { type: null },
  { type: ["hello"] },
  { type: "HELLO", version: 1 },
  { type: "constructor" },
  { type: "exit", code: 1, link: -1 },
  { type: "exit", code: 1, link: "2" },
  { type: "__proto__" },
  { type: "hello" },
  { type: "hello", version: "1" },
  { type: "hello", version: -1 },
  { type: "hello", version: 1.5 },
  { type: "end", bytes: 1 },
  { type: "end", stream: "stdin", bytes: 1 },
  { type: "end", stream: "stdout" },
  { type: "end", stream: "stdout", bytes: -1 },
  { type: "end", stream: "stdout", bytes: 2 ** 53 },
  { type: "end", stream: "stdout", bytes: 1e308 },
  { type: "end", stream: "stdout", bytes: "1" },
  { type: "end", stream: { toString: null }, bytes: 1 },
  { type: "started" },
  { type: "started", uid: -1, gid: 0 },
  { type: "exit" },
  { type: "exit", code: 256 },
  { type: "exit", code: -1 },
  { type: "exit", code: null },
  { type: "exit", signal: "SIGNOPE" },
  { type: "exit", signal: "toString" },
  { type: "exit", signal: 9 },
  { type: "exit", code: 0, signal: "SIGKILL" },
  { type: "exit", code: 0, oomKills: -1 },
  { type: "exit", signal: "SIGKILL", oomKills: "1" },
  { type: "failed", phase: "start" },
  { type: "failed", phase: 1, message: "x" },
  { type: "failed", phase: "start", message: {} },
];

for (const message of RIGHT) {
  Deno.test(`checkGuestMessage() accepts ${JSON.stringify(message)}`, () => {
    assert.deepEqual(checkGuestMessage({ ...message }), message);
    assert.deepEqual(checkGuestMessage({ ...message, more: { than: "this" } }), message);
  });
}

for (const message of WRONG) {
  Deno.test(`checkGuestMessage() refuses ${JSON.stringify(message)}`, () => {
    assert.throws(() => checkGuestMessage(message), ProtocolError);
  });
}

Deno.test("checkGuestMessage() returns a message or throws a ProtocolError for any object", () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom("stdout", "stderr", "SIGTERM"), fc.nat());
  const message = fc.record({
    type: fc.oneof(fc.constantFrom("hello", "end", "exit", "failed", "stdin-closed"), field),
    version: field,
    stream: field,
    bytes: field,
    code: field,
    signal: field,
    phase: field,
    message: field,
  }, { requiredKeys: ["type"] });
  fc.assert(
    fc.property(message, (value) => {
      try {
        const { type } = checkGuestMessage(value);
        assert.ok(RIGHT.some((known) => known.type === type));
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("checkGuestMessage() refuses a value nested 10,000 deep without a stack overflow", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`);
  assert.throws(() => checkGuestMessage({ type: "end", stream: deep, bytes: deep }), ProtocolError);
  assert.throws(() => checkGuestMessage({ type: deep }), ProtocolError);
});

Deno.test("checkGuestMessage() removes control characters from texts", () => {
  const nasty = "a\x1b[2Jb\x07\x9bc\u202ed\u2028e\r\nf\x00\x7f\ud800";
  const message = checkGuestMessage({ type: "failed", phase: nasty, message: nasty });
  assert.equal(message.type, "failed");
  const { phase, message: text } = message as GuestMessage & { type: "failed" };
  for (const shown of [phase, text]) {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown, /[\x00-\x1f\x7f-\x9f\u2028-\u202e]/);
    assert.ok(shown.isWellFormed());
  }
  const unknown = () => checkGuestMessage({ type: nasty });
  // deno-lint-ignore no-control-regex
  assert.throws(unknown, (error: Error) => !/[\x00-\x1f\x7f-\x9f]/.test(error.message));
});

Deno.test("checkGuestMessage() truncates long texts", () => {
  const long = "x".repeat(60_000);
  const message = checkGuestMessage({ type: "failed", phase: long, message: long });
  assert.ok(JSON.stringify(message).length < 5000);
});
