import assert from "node:assert/strict";
import { cmd, text } from "../../mod.ts";
import { ownEnvironment } from "../../src/libc/environment.ts";
import { findLibc } from "../../src/libc/libc.ts";

const ENVIRONMENT = new URL("../../src/libc/environment.ts", import.meta.url).href;

/** Runs `code` in a separate Deno with this environment; returns the result of ownEnvironment(). */
async function environmentAfter(
  code: string,
  env: Readonly<Record<string, Uint8Array>>,
): Promise<Record<string, string>> {
  const program = `import { ownEnvironment } from ${JSON.stringify(ENVIRONMENT)};
    ${code}; console.log(JSON.stringify(ownEnvironment()));`;
  const deno = [Deno.execPath(), "run", "-A", "--no-config", "--no-lock", "--ext=ts", "-"] as const;
  return JSON.parse(await text(program).pipe(cmd(...deno).env(env)).text());
}

const ignore = findLibc() === undefined;

Deno.test("ownEnvironment() has the variables that Deno has", () => {
  assert.deepEqual({ ...ownEnvironment() }, { ...Deno.env.toObject() });
});

Deno.test("ownEnvironment() reflects variables that were set and deleted since the start", () => {
  Deno.env.set("EXECVM_TEST_SET", "=a=\n");
  assert.equal(ownEnvironment()["EXECVM_TEST_SET"], "=a=\n");
  Deno.env.delete("EXECVM_TEST_SET");
  assert.equal("EXECVM_TEST_SET" in ownEnvironment(), false);
});

Deno.test({
  name: "ownEnvironment() has variables that are not UTF-8, which Deno leaves out",
  ignore,
  async fn() {
    const env = { ODD: Uint8Array.of(0x61, 0xff), LOST: new TextEncoder().encode("\ufffd") };
    const seen = await environmentAfter("", env);
    assert.deepEqual([seen["ODD"], seen["LOST"]], ["a\udcff", "\ufffd"]);
  },
});

Deno.test({
  name: "ownEnvironment() has variables that are not UTF-8 as they were changed",
  ignore,
  async fn() {
    const env = { ODD: Uint8Array.of(0xff), GONE: Uint8Array.of(0xff) };
    const seen = await environmentAfter('Deno.env.set("ODD", "b"); Deno.env.delete("GONE")', env);
    assert.deepEqual([seen["ODD"], "GONE" in seen], ["b", false]);
  },
});
