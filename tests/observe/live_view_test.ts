import assert from "node:assert/strict";
import type { ItemEvent, RunEvent, StageBytes } from "../../src/model/result.ts";
import type { RunOutline } from "../../src/model/run_observer.ts";
import { LiveView, type LiveViewOptions } from "../../src/observe/live_view.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { OUTLINE, stageResult } from "./fixture.ts";

/** A view on a fake terminal, with a fake clock. */
class Scene implements Disposable {
  readonly terminal: FakeTerminal;
  readonly view: LiveView;
  bytes: StageBytes[] = [];
  #nowMs = 0;
  #isGone = false;

  constructor(terminal: LiveViewOptions["terminal"], columns = 80) {
    this.terminal = new FakeTerminal(columns);
    const onGone = () => (this.#isGone = true);
    const options = { terminal, colours: false, onGone };
    this.view = new LiveView(options, this.terminal, () => this.#nowMs);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  begin(outline = OUTLINE) {
    return this.view.begin(outline, () => this.bytes);
  }

  /** The rows shown at that time. */
  at(ms: number): string[] {
    this.#nowMs = ms;
    this.view.draw();
    return this.terminal.shown;
  }

  say(text: string): void {
    this.view.writeAbove(new TextEncoder().encode(text));
  }

  [Symbol.dispose](): void {
    this.view[Symbol.dispose]();
  }
}

const start = (stage: number): RunEvent => ({ type: "start", stage, argv: [] });
const phase = (stage: number, phase: string, detail = ""): RunEvent => ({
  ...{ type: "phase", stage, phase },
  ...(detail !== "" && { detail }),
});

Deno.test("the view has one line per stage: runner, state, time, bytes, rate and command", () => {
  using scene = new Scene("ours");
  const watch = scene.begin();
  watch.event(phase(0, "booting"));
  watch.event(start(1));
  scene.bytes = [{}, { bytesOut: 0 }];
  scene.at(2000);
  scene.bytes = [{}, { bytesOut: 3 * 2 ** 20 }];
  assert.deepEqual(scene.at(4000), [
    "vm     booting        4.0 s        -          -  wc -c",
    "js     running        4.0 s  3.0 MiB  1.5 MiB/s  gzip",
  ]);
});

Deno.test("of the bytes read and written by a stage, the greater number is shown", () => {
  using scene = new Scene("ours");
  scene.begin().event(start(0));
  scene.bytes = [{ bytesIn: 2048, bytesOut: 0 }, { bytesIn: 1, bytesOut: 3 }];
  const [first, second] = scene.at(2000);
  assert.match(first!, / 2\.0 KiB /);
  assert.match(second!, / 3 B /);
});

Deno.test("a waiting stage shows the reason, and an ended one its status", () => {
  using scene = new Scene("ours");
  const watch = scene.begin();
  watch.event(phase(0, "queued", "there is no room"));
  watch.event(start(1));
  watch.event({ type: "end", stage: 1, result: stageResult(1, { code: 3 }) });
  assert.deepEqual(scene.at(1500), [
    "vm     queued         1.5 s        -          -  wc: there is no room",
    "js     exit 3          0 ms        -          -  gzip",
  ]);
});

Deno.test("a run that ends within a second is not shown at all", () => {
  using scene = new Scene("ours");
  const watch = scene.begin();
  watch.event(phase(0, "booting"));
  assert.deepEqual(scene.at(900), []);
  watch.end({ error: new Error("") });
  assert.deepEqual(scene.terminal.writes, []);
});

Deno.test("at the end the view is removed, and what was above it stays", () => {
  using scene = new Scene("ours");
  scene.say("above\n");
  const watch = scene.begin();
  watch.event(start(0));
  assert.equal(scene.at(1500).length, 3);
  watch.end({ error: new Error("") });
  assert.deepEqual(scene.at(2000), ["above"]);
});

Deno.test("output of commands appears above the view, which is redrawn below it", () => {
  using scene = new Scene("ours");
  scene.begin().event(start(0));
  scene.at(1500);
  scene.say("one\ntwo\n");
  const shown = scene.at(1700);
  assert.deepEqual(shown.slice(0, 2), ["one", "two"]);
  assert.deepEqual([shown.length, shown[2]!.slice(0, 6)], [4, "vm    "]);
});

Deno.test("the view is not redrawn until an unfinished line ends", () => {
  using scene = new Scene("ours");
  scene.begin().event(start(0));
  scene.say("50 %");
  assert.deepEqual(scene.at(1500), ["50 %"]);
  scene.say("\r100 %\n");
  assert.equal(scene.at(1700)[0], "100 %");
  assert.equal(scene.at(1700).length, 3);
});

Deno.test("a frame is a single write, and clears nothing before it draws", () => {
  using scene = new Scene("ours");
  scene.begin().event(start(0));
  scene.at(1500);
  const before = scene.terminal.writes.length;
  scene.at(1700);
  const [frame, ...more] = scene.terminal.writes.slice(before);
  assert.deepEqual(more, []);
  assert.ok(frame!.startsWith("\r\x1b[1Avm"));
  assert.ok(frame!.endsWith("\x1b[K\x1b[J"));
});

Deno.test("no line is wider than the terminal, for any command", () => {
  const argv = ["日本語".repeat(40), "\x1b[2J\n", "x".repeat(200)];
  const outline = { ...OUTLINE, stages: [{ runner: "a-runner-with-a-name", argv }] };
  for (const columns of [1, 2, 10, 33, 60, 200]) {
    using scene = new Scene("ours", columns);
    scene.begin(outline).event(phase(0, "a-long-phase", "why".repeat(90)));
    scene.at(1500);
    assert.equal(scene.at(1700).length, columns > 1 ? 1 : 0, `${columns}`);
    assert.ok(!scene.terminal.writes.join("").includes("\x1b[2J"));
  }
});

Deno.test("a terminal with few rows shows the first stages", () => {
  using scene = new Scene("ours");
  const stages = Array.from({ length: 40 }, (_, index) => ({ runner: "js", argv: [`${index}`] }));
  scene.begin({ ...OUTLINE, stages }).event(start(0));
  assert.equal(scene.at(1500).length, scene.terminal.rows - 1);
});

Deno.test("on a shared terminal the view is removed before a command can write to it", () => {
  for (
    const loud of [start(0), phase(0, "running"), phase(0, "connecting"), phase(0, "unheard-of")]
  ) {
    using scene = new Scene("shared");
    scene.begin().event(loud);
    assert.ok(scene.isGone);
    assert.deepEqual(scene.at(1500), []);
  }
});

Deno.test("on a shared terminal a machine is shown until its command runs", () => {
  using scene = new Scene("shared");
  const watch = scene.begin();
  for (const quiet of [phase(0, "preparing"), start(0), start(1), phase(0, "template")]) {
    watch.event(quiet);
  }
  assert.equal(scene.at(1500).length, 2);
  watch.event(phase(0, "running"));
  assert.deepEqual(scene.terminal.shown, []);
});

Deno.test("a command with its own terminal closes the view", () => {
  using scene = new Scene("ours");
  scene.begin({ ...OUTLINE, stages: [{ runner: "vm", argv: ["vi"], tty: true }] });
  assert.ok(scene.isGone);
});

Deno.test("colours mark the state, and take no columns", () => {
  const terminal = new FakeTerminal(40);
  const clock = { ms: 0 };
  using view = new LiveView({ terminal: "ours", colours: true }, terminal, () => clock.ms);
  view.begin(OUTLINE, () => []).event(phase(0, "booting"));
  clock.ms = 1500;
  view.draw();
  assert.ok(terminal.writes.join("").includes("\x1b[36mbooting  \x1b[0m"));
  assert.equal(terminal.shown[0]!, "vm     booting        1.5 s        -  …");
});

const ITEMS: RunOutline = {
  ...OUTLINE,
  source: "each(3 items)",
  items: [OUTLINE, OUTLINE, OUTLINE],
};
const itemEvent = (index: number, event: ItemEvent["event"], attempt = 1): RunEvent => ({
  ...{ type: "item", index, of: 3, attempt, event },
});

Deno.test("the items of a fan-out are counted, and the stages of running ones shown", () => {
  using scene = new Scene("ours");
  const watch = scene.begin(ITEMS);
  assert.equal(scene.at(1000)[0], "0 of 3 done, 0 running (0 s)");
  for (const index of [0, 1]) watch.event(itemEvent(index, { type: "begin" }));
  watch.event(itemEvent(0, phase(0, "booting")));
  watch.event(itemEvent(0, start(1)));
  const ended = { type: "end", stage: 0, result: stageResult(0) } as const;
  watch.event(itemEvent(0, ended));
  assert.deepEqual(scene.at(3000).slice(0, 4), [
    "0 of 3 done, 2 running (2 s)",
    "js     running        2.0 s        -          -  0: gzip",
    "vm     waiting            -        -          -  1: wc -c",
    "js     waiting            -        -          -  1: gzip",
  ]);
  watch.event(itemEvent(0, { type: "settled", status: "failed" }));
  assert.equal(scene.at(4000)[0], "1 of 3 done, 1 failed, 1 running (3 s)");
});

Deno.test("no more than ten stages of items are shown", () => {
  const many = { ...ITEMS, items: Array.from({ length: 30 }, () => OUTLINE), stages: [] };
  using other = new Scene("ours");
  const watched = other.begin(many);
  for (let index = 0; index < 30; index++) watched.event(itemEvent(index, { type: "begin" }));
  assert.equal(other.at(2000).length, 11);
});

Deno.test("whether the terminal is shared may depend on the run", () => {
  using scene = new Scene(({ sink }) => sink === "stdout()" ? "shared" : "ours");
  scene.begin().event(start(0));
  assert.equal(scene.isGone, false);
  scene.begin({ ...OUTLINE, sink: "stdout()" }).event(phase(0, "running"));
  assert.equal(scene.isGone, true);
});
