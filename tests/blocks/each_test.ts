import assert from "node:assert/strict";
import {
  cmd,
  each,
  type EachOptions,
  file,
  local,
  type Pipeline,
  stdin,
  stream,
  text,
  vm,
} from "../../mod.ts";

Deno.test("each() calls its function once for each item, here and now, and what it gives is frozen", () => {
  const calls: unknown[] = [];
  const fan = each(["a", "b"], (item, index) => {
    calls.push([item, index]);
    return cmd("echo", item);
  });
  assert.deepEqual(calls, [["a", 0], ["b", 1]]);
  assert.ok(Object.isFrozen(fan) && Object.isFrozen(fan.node.items[0]));
  JSON.stringify(fan);
  assert.equal(calls.length, 2);
});

Deno.test("each() takes whatever can be iterated, also nothing", () => {
  const numbers = function* () {
    yield 1;
    yield 2;
  };
  assert.equal(each(numbers(), (n) => cmd("seq", `${n}`)).node.items.length, 2);
  assert.deepEqual(each([], () => cmd("true")).node.items, []);
});

Deno.test("an item is a copy that nobody else can change", () => {
  const item = { names: ["a"] };
  const fan = each([item], () => cmd("true"));
  item.names.push("b");
  assert.deepEqual(fan.node.items[0]!.item, { names: ["a"] });
});

Deno.test("what JSON cannot hold is no item", () => {
  for (const item of [undefined, NaN, () => 1, new Date(), { a: 1n }, [Symbol("a")]]) {
    // @ts-expect-error the types say so too, but for NaN
    assert.throws(() => each([item], () => cmd("true")), { name: "TypeError", message: /item 0/ });
  }
});

Deno.test("each() refuses what is no pipeline, and pipelines that read our stdin", () => {
  // @ts-expect-error a string is no pipeline
  assert.throws(() => each(["a"], (item) => item), { name: "TypeError", message: /no pipeline/ });
  const reading = () => stdin().pipe(cmd("cat"));
  assert.throws(() => each([1], reading), { name: "TypeError", message: /share our stdin/ });
});

const BAD_OPTIONS: readonly [unknown, RegExp][] = [
  [{ concurrency: 0 }, /RangeError/],
  [{ concurrency: 1.5 }, /RangeError/],
  [{ itemTimeoutMs: 0 }, /RangeError/],
  [{ itemTimeoutMs: 2 ** 31 }, /RangeError/],
  [{ retry: { times: -1 } }, /RangeError/],
  [{ retry: { times: 1, on: ["always"] } }, /TypeError: .*"always".*runner, command, timeout/],
  [{ retry: { times: 1, on: [0] } }, /TypeError/],
  [{ parallel: 4 }, /TypeError: .*parallel/],
];

for (const [options, message] of BAD_OPTIONS) {
  Deno.test(`each() refuses the options ${JSON.stringify(options)}`, () => {
    const build = () => each([1], () => cmd("true"), options as EachOptions);
    assert.throws(build, (error) => message.test(String(error)));
  });
}

Deno.test("outputs can be piped and sent on as long as the items have no sinks", () => {
  const open = each(["a"], (name) => cmd("cat", name));
  const pipeline: Pipeline<"closed", "closed"> = open.pipe(cmd("sort")).to(file("out"));
  assert.equal(pipeline.description.source?.type, "each");
  const closed = each(["a"], (name) => cmd("sort").to(file(name)));
  // @ts-expect-error the output has gone to the files
  assert.throws(() => closed.pipe(cmd("sort")), {
    name: "TypeError",
    message: /sinks of their own/,
  });
  // @ts-expect-error likewise
  assert.throws(() => closed.to(file("out")), { name: "TypeError" });
  // @ts-expect-error likewise
  assert.throws(() => closed.text(), { name: "TypeError" });
});

Deno.test("toJSON() of a fan-out is as README has it, and comes before what reads it", () => {
  const fan = each(["a"], (name) => text(name).pipe(cmd("wc", "-c")), {
    concurrency: 4,
    retry: { times: 2, on: ["runner", 75] },
  });
  assert.deepEqual(fan.pipe(cmd("sort")).toJSON(), {
    type: "each",
    concurrency: 4,
    retry: { times: 2, on: ["runner", 75] },
    items: [{
      item: "a",
      pipeline: {
        type: "text",
        text: "a",
        output: { type: "command", args: ["wc", "-c"], env: {} },
      },
    }],
    output: { type: "command", args: ["sort"], env: {} },
  });
});

Deno.test("a fan-out of streams runs but cannot be written down", () => {
  const fan = each([1], () => stream(new ReadableStream<Uint8Array>()).pipe(cmd("cat")));
  assert.throws(() => fan.toJSON(), { name: "PlanError" });
});

Deno.test("plan() of a fan-out has the plan of each item, with the runner it is given", () => {
  const fan = each(["a", "b"], (name) => cmd("cat", name), { concurrency: 3 });
  const plan = fan.pipe(cmd("sort").on(local())).plan({ runner: vm() });
  assert.deepEqual(plan.items.map(({ stages }) => stages[0]!.runner?.kind), ["vm", "vm"]);
  assert.match(String(plan), /^each\(2 items, 3 at once\)\n {2}0: empty\(\)\n/);
  assert.match(String(plan), /\nlocal: sort\n/);
  assert.equal(JSON.parse(JSON.stringify(plan)).items.length, 2);
});

Deno.test("plan() shows people the first items and how many more there are", () => {
  const shown = String(each(Array(10).keys(), (n) => cmd("seq", `${n}`)).plan());
  assert.match(shown, /seq 2\n/);
  assert.doesNotMatch(shown, /seq 3\n/);
  assert.match(shown, /\n {2}\.\. and 7 more\n/);
});
