import assert from "node:assert/strict";
import { parseUser, readId } from "../../src/machine/user_words.ts";

Deno.test("parseUser() accepts names and numbers, with or without a group", () => {
  assert.deepEqual(parseUser("app"), { user: "app" });
  assert.deepEqual(parseUser("1000:audio"), { user: "1000", group: "audio" });
  assert.deepEqual(parseUser("4294967294:0"), { user: "4294967294", group: "0" });
});

Deno.test("parseUser() refuses malformed text", () => {
  const wrong = [
    "",
    ":",
    "a:",
    ":1",
    "a:b:c",
    "a b",
    "a\nb",
    "a\0",
    "4294967295",
    "0:99999999999",
    "a,b",
  ];
  for (const text of wrong) {
    assert.throws(() => parseUser(text), {
      name: "TypeError",
      message: `cannot run as the user ${
        JSON.stringify(text)
      }: take NAME or UID, optionally followed by :GROUP or :GID`,
    });
  }
  assert.throws(() => parseUser(1000 as unknown as string), TypeError);
});

Deno.test("readId() accepts no other notation of a number", () => {
  assert.deepEqual(["7", "-1", "1e3", "0x1", "4294967295"].map(readId), [
    7,
    ...Array(4).fill(undefined),
  ]);
});
