import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { tempDir } from "../support/temp_dir.ts";
import type { RunPartsOptions } from "./run_parts.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/run_part.ts", import.meta.url));

/** A test that passes the second time that it is run. */
const FLAKY = `
  const isSecond = await Deno.stat("begun").then(() => true, () => false);
  Deno.writeTextFileSync("begun", "");
`;

/** A function for tests that pass only if another one runs at the same time. */
const MEET = `
  async function meet(me: string, other: string) {
    Deno.writeTextFileSync(me, "");
    while (!await Deno.stat(other).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
`;

const FILES: Readonly<Record<string, string>> = {
  "good_test.ts": `Deno.test("passes", () => console.log("FAILED | 9 passed"));`,
  "bad_test.ts": `
    Deno.test("is fine", () => {});
    Deno.test("is not", () => { console.log("a hint"); throw new Error("the reason"); });
    Deno.test("has steps", async (t) => {
      await t.step("two", () => { throw new Error("in the step"); });
    });`,
  "flaky_test.ts": `${FLAKY}
    Deno.test("always", () => {});
    Deno.test("second time", () => { if (!isSecond) throw new Error("too early"); });`,
  "killed_test.ts": `
    Deno.test("before", () => {});
    // Deno reports tests from another thread.
    const isNamed = () => new Promise((resolve) => setTimeout(resolve, 500));
    Deno.test("takes all down", () => isNamed().then(() => Deno.kill(Deno.pid, "SIGKILL")));`,
  "killed_once_test.ts": `${FLAKY}
    Deno.test("before", () => {});
    Deno.test("takes all down once", () => { if (!isSecond) Deno.kill(Deno.pid, "SIGKILL"); });`,
  "uncaught_test.ts": `
    setTimeout(() => { throw new Error("out of the blue"); }, 0);
    Deno.test("waits", () => new Promise((resolve) => setTimeout(resolve, 5000)));`,
  "skipping_test.ts": `Deno.test({ name: "not here", ignore: true, fn() {} });`,
  "broken_test.ts": `const text: string = 1;`,
  "tests/a/meets_test.ts": `${MEET} Deno.test("a meets b", () => meet("a", "b"));`,
  "tests/b/meets_test.ts": `${MEET} Deno.test("b meets a", () => meet("b", "a"));`,
};

/** Runs these files; returns the report and the exit code. */
async function run(files: readonly string[], options: RunPartsOptions & { flags?: string[] } = {}) {
  using folder = tempDir();
  for (const file of files) {
    Deno.mkdirSync(dirname(`${folder.path}/${file}`), { recursive: true });
    Deno.writeTextFileSync(`${folder.path}/${file}`, FILES[file]!);
  }
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", PROGRAM, JSON.stringify(options), ...files],
    cwd: folder.path,
  }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  return { code, text: lines.join("\n"), last: lines.at(-1), list: lines.slice(-6, -1) };
}

Deno.test("a test that passes is counted, whatever it prints, and its output is not shown", async () => {
  const { code, text, last } = await run(["good_test.ts"]);
  assert.deepEqual([code, last], [0, "1 passed, 0 failed"]);
  assert.doesNotMatch(text, /9 passed/);
});

Deno.test("a test that fails is reported at the end, with its error and its output", async () => {
  const { code, text, last, list } = await run(["bad_test.ts", "good_test.ts"]);
  assert.deepEqual([code, last], [1, "2 passed, 2 failed"]);
  assert.match(
    text,
    /^FAILED: is not \(bad_test\.ts\)\n +error: Error: the reason\n[^]*it printed:\n +a hint/m,
  );
  assert.match(text, /^FAILED: has steps \(bad_test\.ts\)\n[^]*in the step/m);
  assert.deepEqual(list.slice(-2), [
    "failed: is not (bad_test.ts)",
    "failed: has steps (bad_test.ts)",
  ]);
});

Deno.test("a test that fails once and passes alone has passed, and is reported as flaky, with its error", async () => {
  const { code, text, last, list } = await run(["flaky_test.ts", "good_test.ts"], {
    retryOnce: true,
  });
  assert.deepEqual([code, last], [0, "3 passed, 0 failed"]);
  assert.equal(list.at(-1), "flaky: second time failed first, passed alone");
  assert.match(text, /^FLAKY: second time \(flaky_test\.ts\)\n +error: Error: too early$/m);
});

Deno.test("a test that fails twice fails, and is counted once", async () => {
  const { code, text, last } = await run(["bad_test.ts", "good_test.ts"], { retryOnce: true });
  assert.deepEqual([code, last], [1, "2 passed, 2 failed"]);
  assert.doesNotMatch(text, /^(FLAKY|flaky): /m);
});

Deno.test("a test that kills the run is reported, and the files after it are run", async () => {
  const { code, text, last } = await run(["killed_test.ts", "good_test.ts"]);
  assert.deepEqual([code, last], [1, "2 passed, 1 failed"]);
  assert.match(text, /^failed: deno test .*SIGKILL at "takes all down" \(killed_test\.ts\)$/m);
});

Deno.test("a file that kills the run once is run again alone, and counted once", async () => {
  const { code, text, last } = await run(["killed_once_test.ts", "good_test.ts"], {
    retryOnce: true,
  });
  assert.deepEqual([code, last], [0, "3 passed, 0 failed"]);
  assert.match(text, /^flaky: deno test .* at "takes all down once" failed first, passed alone$/m);
});

Deno.test("an error outside of tests is a failure of the file", async () => {
  const { code, text, last } = await run(["uncaught_test.ts", "good_test.ts"], { retryOnce: true });
  assert.deepEqual([code, last], [1, "1 passed, 1 failed"]);
  assert.match(text, /^FAILED: \.\/uncaught_test\.ts .*\n[^]*out of the blue/m);
});

Deno.test("a file with type errors is a failure that says why", async () => {
  const { code, text, last } = await run(["broken_test.ts", "good_test.ts"], {
    retryOnce: true,
    flags: [],
  });
  assert.deepEqual([code, last], [1, "0 passed, 1 failed"]);
  assert.match(text, /^FAILED: deno test ended with exit code 1\n[^]*TS2322/m);
});

Deno.test("a skipped test is reported, and is a failure if none may be skipped", async () => {
  const files = ["skipping_test.ts", "good_test.ts"];
  const { code, text, last } = await run(files, { mayNotSkip: true });
  assert.deepEqual([code, last], [1, "1 passed, 1 failed"]);
  assert.match(text, /^skipped: not here\nfailed: not here$/m);
});

Deno.test("with lanes, folders of tests run concurrently, and their lines have a prefix", async () => {
  const files = ["tests/a/meets_test.ts", "tests/b/meets_test.ts"];
  const { code, text, last } = await run(files, { lanes: 2, flags: [] });
  assert.deepEqual([code, last], [0, "2 passed, 0 failed"]);
  assert.match(text, /^tests\/a \| a meets b \.\.\. ok/m);
});

Deno.test("with lanes, a file with type errors is a failure that says why", async () => {
  const files = ["broken_test.ts", "tests/a/meets_test.ts"];
  const { code, text, last } = await run(files, { lanes: 2, flags: [] });
  assert.deepEqual([code, last], [1, "0 passed, 1 failed"]);
  assert.match(text, /^FAILED: deno test ended with exit code 1\n[^]*TS2322/m);
});

Deno.test("with lanes, a file with a failure is run again when all others have ended", async () => {
  const files = ["flaky_test.ts", "tests/a/meets_test.ts", "tests/b/meets_test.ts"];
  const { code, text, last } = await run(files, { lanes: 2, retryOnce: true });
  assert.deepEqual([code, last], [0, "4 passed, 0 failed"]);
  assert.ok(text.indexOf("again, alone") > text.indexOf("b meets a ... ok"));
});
