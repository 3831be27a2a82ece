// The live view of a program that uses the module.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, each, local, observe, stream } from "../../mod.ts";
import { tempDir } from "../support/temp_dir.ts";

const LIVE = fileURLToPath(new URL("../fixtures/live.ts", import.meta.url));
const PROGRAM = [Deno.execPath(), "run", "-A", LIVE] as const;

/** The view while the first item runs. */
const VIEW = /0 of 2 done, 1 running \(\d+ s\)[^\n]*\r\nlocal +running +[\d.]+ m?s .* 0: sh -c/;

Deno.test("observe({ live }) shows the items of a fan-out on a terminal, below their stderr", async () => {
  using folder = tempDir();
  const [gate, out] = [`${folder.path}/gate`, `${folder.path}/out`];
  let shown = "";
  const screen = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += new TextDecoder().decode(chunk);
      if (VIEW.test(shown)) Deno.writeTextFileSync(gate, "");
    },
  });
  const script = 'out=$1; shift; exec "$@" > "$out"';
  const run = local({ tty: true }).cmd("sh", "-c", script, "sh", out, ...PROGRAM, gate)
    .env({ TERM: "xterm", NO_COLOR: "1" });
  await run.to(stream(screen)).run({ timeoutMs: 120_000 });
  assert.match(shown, VIEW);
  assert.ok(shown.includes("\x1b[Jone said\r\n"));
  assert.equal(Deno.readTextFileSync(out), "one\ntwo\n");
  assert.doesNotMatch(shown.slice(shown.lastIndexOf("two said")), /running/);
});

Deno.test("observe({ live }) shows nothing if stderr is not a terminal, or it is dumb", async () => {
  using folder = tempDir();
  const gate = `${folder.path}/gate`;
  const wait = 'sleep 3; touch "$1"';
  const opened = cmd("sh", "-c", `(${wait}) & shift; exec "$@"`, "sh", gate, ...PROGRAM, gate);
  const { stages } = await opened.to(stream(new WritableStream())).run();
  assert.equal(stages[0]!.stderrTail, "one said\ntwo said\n");
  Deno.removeSync(gate);
  const script = '(sleep 3; touch "$1") & out=$2; shift 2; exec "$@" > "$out"';
  const dumb = local({ tty: true })
    .cmd("sh", "-c", script, "sh", gate, `${folder.path}/out`, ...PROGRAM, gate)
    .env({ TERM: "dumb" });
  const shown = await dumb.text(); // Deno itself clears its line before
  assert.equal(shown.slice(shown.indexOf("one")), "one said\r\ntwo said");
});

Deno.test("results() of a fan-out report to an observer, also if their reader leaves", async () => {
  const ends: string[] = [];
  const observer = {
    begin: () => ({
      event() {},
      end: (end: object) => void ends.push(Object.keys(end).join()),
    }),
  };
  const fan = each([1, 2], (item) => cmd("seq", `${item}`), { concurrency: 1 });
  await fan.text({ observer });
  for await (const _ of fan.results({ observer })) break;
  await assert.rejects(each([1], () => cmd("false")).text({ observer }));
  const signal = AbortSignal.abort("enough");
  await assert.rejects(async () => {
    for await (const _ of fan.results({ observer, signal }));
  });
  assert.deepEqual(ends, ["result", "result", "result"]);
});

Deno.test("observe({ live }) keeps nothing alive and writes its files", async () => {
  using folder = tempDir();
  const trace = `${folder.path}/trace.json`;
  {
    await using observer = await observe({ live: true, trace });
    await cmd("true").run({ observer });
  }
  assert.ok(JSON.parse(Deno.readTextFileSync(trace)));
});
