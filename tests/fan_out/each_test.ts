// Runs fan-outs on this machine.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  cmd,
  CommandError,
  discard,
  each,
  EndpointError,
  file,
  gzip,
  type ItemEvent,
  type Json,
  type RunEvent,
  RunnerError,
  text,
} from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";
import { countingRunner, failingRunner, sh } from "./fixture.ts";

const RUN_PIPELINE = fileURLToPath(new URL("../fixtures/run_pipeline.ts", import.meta.url));

/** Collects the events of items. */
function listen(): { events: ItemEvent[]; onEvent: (event: RunEvent) => void } {
  const events: ItemEvent[] = [];
  return { events, onEvent: (event) => void (event.type === "item" && events.push(event)) };
}

async function nothingLeft(mark: string): Promise<void> {
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 20_000);
}

/** Calls `then` when this number of commands has started. */
function onStarts(count: number, then: () => void): (event: RunEvent) => void {
  let begun = 0;
  return (event) => {
    if (event.type === "item" && event.event.type === "start" && ++begun === count) then();
  };
}

Deno.test("the outputs of 500 items of random durations are in order, with at most 8 running at once", async () => {
  const { runner, most } = countingRunner();
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  const wait = () => (Math.random() / 20).toFixed(3);
  const fan = each(numbers, (n) => sh('sleep "$1"; echo "$2"', wait(), `${n}`), { concurrency: 8 });
  assert.deepEqual(await fan.text({ runner }), numbers.map(String));
  assert.equal(most(), 8);
});

Deno.test("a slot is free as soon as its item has ended, even if others take long", async () => {
  using folder = tempDir();
  const gate = `${folder.path}/gate`;
  // The first item ends only when the last one has run, so the other slot must run all others.
  const fan = each(
    Array(40).keys(),
    (n) =>
      n === 0
        ? sh('while [ ! -e "$1" ]; do sleep 0.05; done', gate)
        : sh('[ "$1" -lt 39 ] || touch "$2"', `${n}`, gate),
    { concurrency: 2 },
  );
  const { events, onEvent } = listen();
  await fan.run({ onEvent });
  const order = events.filter(({ event }) => event.type === "settled").map(({ index }) => index);
  assert.equal(order[0], 1);
  assert.deepEqual(order.slice(-2).sort(), [0, 39]); // the gate is open before the last one has ended
});

Deno.test("outputs are not interleaved, whatever their size", async () => {
  const sizes = [3_000_000, 10, 200_000, 0, 50_000, 1];
  const fan = each(sizes, (size) => sh('head -c "$1" /dev/zero | tr "\\0" x; echo', `${size}`), {
    concurrency: 6,
  });
  const lines = await fan.pipe(cmd("cat")).lines();
  assert.deepEqual(lines.map(({ length }) => length), sizes);
});

Deno.test("outputs are what bytes(), text(), lines() and json() return, one per item", async () => {
  const fan = each([[1], [2, 3]], (list) => text(`${JSON.stringify(list)}\n`).pipe(cmd("cat")));
  const decoder = new TextDecoder();
  assert.deepEqual((await fan.bytes()).map((it) => decoder.decode(it)), ["[1]\n", "[2,3]\n"]);
  assert.deepEqual(await fan.text(), ["[1]", "[2,3]"]);
  assert.deepEqual(await fan.lines(), [["[1]"], ["[2,3]"]]);
  assert.deepEqual(await fan.json(), [[1], [2, 3]]);
});

Deno.test("outputs flow into another pipeline: map and reduce", async () => {
  const words = each(
    ["b a", "c b"],
    (line) => text(line).pipe(cmd("tr", " ", "\n")).pipe(sh("cat; echo")),
  );
  assert.deepEqual(await words.pipe(cmd("sort")).pipe(cmd("uniq", "-c")).lines(), [
    "      1 a",
    "      2 b",
    "      1 c",
  ]);
});

Deno.test("items may have transforms and sinks, and their stdin is empty", async () => {
  using folder = tempDir();
  const fan = each(
    ["a", "b"],
    (name) =>
      sh('cat; echo "$1"', name).pipe(gzip()).pipe(cmd("gunzip")).to(
        file(`${folder.path}/${name}`),
      ),
  );
  const { ok, code, items, stages } = await fan.run();
  assert.deepEqual([ok, code, stages], [true, 0, []]);
  assert.deepEqual(items.map(({ status, item }) => [status, item]), [
    ["succeeded", "a"],
    ["succeeded", "b"],
  ]);
  assert.equal(Deno.readTextFileSync(`${folder.path}/b`), "b\n");
});

Deno.test("fan-outs nest", async () => {
  const fan = each(
    [1, 2],
    (n) => each(["x", "y"], (name) => cmd("echo", `${n}${name}`)).pipe(cmd("tac")),
  );
  assert.deepEqual(await fan.lines(), [["1y", "1x"], ["2y", "2x"]]);
});

Deno.test("a fan-out without items has no output and no failure", async () => {
  const fan = each([], () => cmd("false"));
  assert.deepEqual(await fan.text(), []);
  assert.deepEqual((await fan.run()).items, []);
  assert.equal(await fan.pipe(cmd("wc", "-c")).text(), "0");
});

Deno.test("a failed item does not affect the others, and is reported with its code and stderr", async () => {
  const fan = each(
    ["a", "b", "c"],
    (name) =>
      sh(
        'echo "$1"; if [ "$1" != c ]; then echo why >&2; exit "$2"; fi',
        name,
        name === "a" ? "7" : "8",
      ),
  );
  const { ok, code, items } = await fan.to(discard()).run({ check: false });
  assert.deepEqual([ok, code], [false, 7]);
  assert.deepEqual(items!.map(({ status, attempts }) => [status, attempts]), [
    ["failed", 1],
    ["failed", 1],
    ["succeeded", 1],
  ]);
  assert.equal(items![1]!.result!.stages[0]!.stderrTail, "why\n");
  assert.ok(items![1]!.error instanceof CommandError);
  assert.deepEqual(await fan.text({ check: false }), ["a", "b", "c"]);
  assert.deepEqual(
    await each([1, 2], (n) => sh(`echo ${n}; exit ${n - 1}`)).json({ check: false }),
    [
      1,
      undefined,
    ],
  );
});

Deno.test("run(), text() and a pipeline throw a CommandError that names the items", async () => {
  const fan = each(["a", "b"], (name) => sh('[ "$1" = a ]', name));
  for (const run of [fan.run(), fan.text(), fan.pipe(cmd("cat")).run()]) {
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(
        error.message,
        '1 of 2 items failed: item 1 ("b"): "sh" (local) exited with code 1',
      );
      assert.deepEqual([error.code, error.items!.length], [1, 2]);
      return true;
    });
  }
});

Deno.test("a file sink behind a fan-out stays unchanged if an item fails", async () => {
  using folder = tempDir();
  const out = `${folder.path}/out`;
  Deno.writeTextFileSync(out, "before");
  const fan = each([0, 1], (code) => sh(`echo after; exit ${code}`));
  await assert.rejects(fan.to(file(out)).run(), CommandError);
  assert.equal(Deno.readTextFileSync(out), "before");
});

Deno.test("a failed stage behind the items decides the code, before the items", async () => {
  const pipeline = each([3], (code) => sh(`exit ${code}`)).pipe(sh("cat; exit 4"));
  const { code, items } = await pipeline.run({ check: false });
  assert.deepEqual([code, items![0]!.status], [4, "failed"]);
});

Deno.test("a failure of the machinery is a RunnerError, never a failed command", async () => {
  const fan = each([0, 1], (failures) => cmd("echo", "x").env({ FAILURES: `${failures}` }));
  await assert.rejects(fan.text({ runner: failingRunner() }), (error) => {
    assert.ok(error instanceof RunnerError);
    assert.equal(error.message, "1 of 2 items failed: item 1 (1): cannot start attempt 1");
    assert.deepEqual([error.runner, error.phase], ["failing", "start"]);
    return true;
  });
  const { code, items } = await fan.to(discard()).run({ runner: failingRunner(), check: false });
  assert.deepEqual([code, items![1]!.status, items![1]!.result], [125, "failed", undefined]);
  assert.ok(items![1]!.error instanceof RunnerError);
});

Deno.test("a missing source of an item is an EndpointError", async () => {
  const fan = each(["/no/such", "/dev/null"], (name) => file(name).pipe(cmd("cat")));
  await assert.rejects(fan.run(), (error) => {
    assert.ok(error instanceof EndpointError);
    assert.match(error.message, /^1 of 2 items failed: item 0 \("\/no\/such"\): cannot read/);
    return true;
  });
});

Deno.test("retry runs an item again if its runner failed, up to the given number of times", async () => {
  const fan = each([0, 2, 3], (failures) => cmd("echo", "x").env({ FAILURES: `${failures}` }), {
    retry: { times: 2 },
  });
  const { items } = await fan.to(discard()).run({ runner: failingRunner(), check: false });
  assert.deepEqual(items!.map(({ status, attempts }) => [status, attempts]), [
    ["succeeded", 1],
    ["succeeded", 3],
    ["failed", 3],
  ]);
});

Deno.test("a failed command is only retried on request, and only its last output counts", async () => {
  using folder = tempDir();
  const build = (on?: readonly ("command" | 75)[]) =>
    each([0, 1], (n) =>
      sh(
        'echo "attempt"; if mkdir "$1" 2>/dev/null; then exit 75; fi; echo done',
        `${folder.path}/${n}${on}`,
      ), { retry: { times: 1, ...(on !== undefined && { on }) } });
  assert.deepEqual(await build().text({ check: false }), ["attempt", "attempt"]);
  assert.deepEqual(await build([75]).lines(), [["attempt", "done"], ["attempt", "done"]]);
  assert.deepEqual(await build(["command"]).lines(), [["attempt", "done"], ["attempt", "done"]]);
});

Deno.test("itemTimeoutMs ends only the item that takes too long", async () => {
  const mark = newMark();
  const slow = sh("exec sleep 1000").env({ [MARK_VARIABLE]: mark });
  const fan = each(["quick", "slow"], (name) => name === "slow" ? slow : text(name).pipe(gzip()), {
    itemTimeoutMs: 1000,
    concurrency: 2,
  });
  const { code, timedOut, items } = await fan.to(discard()).run({ check: false });
  assert.deepEqual([code, timedOut], [124, false]);
  assert.deepEqual(items!.map(({ status, result }) => [status, result?.timedOut]), [
    ["succeeded", false],
    ["failed", true],
  ]);
  await nothingLeft(mark);
});

Deno.test("failFast ends the running items and starts no more", async () => {
  const mark = newMark();
  using folder = tempDir();
  const gate = `${folder.path}/gate`;
  const scripts = [
    'touch "$1"; exec sleep 1000',
    'while [ ! -e "$1" ]; do sleep 0.05; done; exit 3',
    "exit 0",
  ];
  const fan = each(scripts, (script) => sh(script, gate).env({ [MARK_VARIABLE]: mark }), {
    failFast: true,
    concurrency: 2,
  });
  const { code, items } = await fan.run({ check: false });
  assert.equal(code, 3);
  assert.deepEqual(items.map(({ status, attempts }) => [status, attempts]), [
    ["cancelled", 1],
    ["failed", 1],
    ["skipped", 0],
  ]);
  await nothingLeft(mark);
});

for (const how of ["run", "text"] as const) {
  Deno.test(`an AbortSignal ends ${how}() with its reason, and leaves no process`, async () => {
    const mark = newMark();
    const aborter = new AbortController();
    const reason = new Error("enough");
    const fan = each(Array(20).keys(), () => sh("sleep 1000").env({ [MARK_VARIABLE]: mark }), {
      concurrency: 4,
    });
    const { signal } = aborter;
    const onEvent = onStarts(4, () => aborter.abort(reason));
    await assert.rejects(
      how === "run" ? fan.run({ signal, onEvent }) : fan.text({ signal, onEvent }),
      reason,
    );
    await nothingLeft(mark);
    await assert.rejects(fan[how]({ signal }), reason);
  });

  Deno.test(`timeoutMs ends ${how}() with code 124, and leaves no process`, async () => {
    const mark = newMark();
    const marked = (script: string) => sh(script).env({ [MARK_VARIABLE]: mark });
    const fan = each(["exec sleep 1000", "echo y"], marked, { concurrency: 1 });
    const run = fan[how]({ timeoutMs: 1000 });
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof CommandError);
      assert.deepEqual([error.code, error.timedOut], [124, true]);
      assert.deepEqual(error.items!.map(({ status }) => status), ["cancelled", "skipped"]);
      return true;
    });
    await nothingLeft(mark);
  });
}

Deno.test("if the stage behind reads only a part, the items are ended and nothing has failed", async () => {
  const mark = newMark();
  const fan = each(Array(10).keys(), () => cmd("yes").env({ [MARK_VARIABLE]: mark }), {
    concurrency: 3,
  });
  const { ok, items } = await fan.pipe(cmd("head", "-1")).to(discard()).run();
  assert.equal(ok, true);
  assert.deepEqual([...new Set(items!.map(({ status }) => status))], ["cancelled", "skipped"]);
  await nothingLeft(mark);
});

Deno.test("a reader that stops in the middle of buffered output leaves nothing open", async () => {
  const sizes = [0.5, 0].map((seconds) =>
    sh('sleep "$1"; head -c 4000000 /dev/zero', `${seconds}`)
  );
  const fan = each([0, 1], (index) => sizes[index]!, { concurrency: 2 });
  assert.equal(
    await fan.pipe(cmd("head", "-c", "4100000")).pipe(cmd("wc", "-c")).text(),
    "4100000",
  );
});

Deno.test("results() yields items in order, failed ones as well", async () => {
  const fan = each([2, 0, 1], (n) => sh(`echo ${n}; exit ${n}`));
  const seen: [Json | undefined, string, string][] = [];
  for await (const { item, status, output } of fan.results()) {
    seen.push([item, status, new TextDecoder().decode(output)]);
  }
  assert.deepEqual(seen, [[2, "failed", "2\n"], [0, "succeeded", "0\n"], [1, "failed", "1\n"]]);
});

Deno.test("results() yields the first item while others run, and leaving the loop ends them", async () => {
  const mark = newMark();
  const fan = each(
    [0, 1000, 1000],
    (seconds) => sh(`exec sleep ${seconds}`).env({ [MARK_VARIABLE]: mark }),
    {
      concurrency: 2,
    },
  );
  for await (const { index } of fan.results()) {
    assert.equal(index, 0);
    break;
  }
  assert.deepEqual(await processesWith(mark), []);
});

Deno.test("at most 1000 finished items wait for the reader", async () => {
  const fan = each(Array(1200).keys(), () => text(""), { concurrency: 2 });
  let [begun, lead, given] = [0, 0, 0];
  const onEvent = (event: RunEvent) => {
    if (event.type !== "item" || event.event.type !== "begin") return;
    begun++;
    lead = Math.max(lead, event.index - given);
  };
  for await (const { index } of fan.results({ onEvent })) {
    if (index === 0) await eventually(() => begun, (count) => count >= 1000, 60_000);
    given = index + 1;
  }
  assert.equal(begun, 1200);
  assert.ok(lead < 1002, `${lead}`);
});

Deno.test("onEvent is called for each item: its begin, the events of its pipeline, its end", async () => {
  const { events, onEvent } = listen();
  await each(["true", "false"], (program) => cmd(program), { concurrency: 1 }).run({
    onEvent,
    check: false,
  });
  assert.deepEqual(
    events.map(({ index, of, attempt, event }) => [index, of, attempt, event.type]),
    [0, 1].flatMap((index) =>
      ["begin", "start", "end", "settled"].map((type) => [index, 2, 1, type])
    ),
  );
  const settled = events.flatMap(({ event }) => event.type === "settled" ? [event.status] : []);
  assert.deepEqual(settled, ["succeeded", "failed"]);
});

for (const how of ["run", "text"] as const) {
  Deno.test(`an error thrown by onEvent ends ${how}()`, async () => {
    const mark = newMark();
    const fan = each([1, 2, 3], () => sh("sleep 1000").env({ [MARK_VARIABLE]: mark }), {
      concurrency: 2,
    });
    const failure = new Error("no");
    const onEvent = onStarts(2, () => {
      throw failure;
    });
    await assert.rejects(fan[how]({ onEvent }), failure);
    await nothingLeft(mark);
  });
}

Deno.test("killing execvm with SIGKILL leaves no process and no temporary file", async () => {
  using folder = tempDir();
  const mark = newMark();
  const scripts = ["sleep 1000", "head -c 1000000 /dev/zero; echo ready >&2; sleep 1000"];
  const fan = each(scripts, (script) => sh(script).env({ [MARK_VARIABLE]: mark }), {
    concurrency: 2,
  });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", RUN_PIPELINE, JSON.stringify(fan)],
    env: { TMPDIR: folder.path, [MARK_VARIABLE]: mark },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    if (text.includes("ready")) break;
  }
  await eventually(names, ({ length }) => length > 0, 20_000);
  child.kill("SIGKILL");
  await child.status;
  await nothingLeft(mark);
  await eventually(names, ({ length }) => length === 0, 20_000);
});
