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

Deno.test("each() calls its function once for each item, immediately, and returns frozen data", () => {
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

Deno.test("each() takes any iterable, also an empty one", () => {
  const numbers = function* () {
    yield 1;
    yield 2;
  };
  assert.equal(each(numbers(), (n) => cmd("seq", `${n}`)).node.items.length, 2);
  assert.deepEqual(each([], () => cmd("true")).node.items, []);
});

Deno.test("an item is copied, so later changes do not reach it", () => {
  const item = { names: ["a"] };
  const fan = each([item], () => cmd("true"));
  item.names.push("b");
  assert.deepEqual(fan.node.items[0]!.item, { names: ["a"] });
});

Deno.test("each() refuses items that JSON cannot represent", () => {
  for (const item of [undefined, NaN, () => 1, new Date(), { a: 1n }, [Symbol("a")]]) {
    // @ts-expect-error the types refuse it as well, except for NaN
    assert.throws(() => each([item], () => cmd("true")), { name: "TypeError", message: /item 0/ });
  }
});

Deno.test("each() refuses values that are not pipelines, and pipelines that read our stdin", () => {
  // @ts-expect-error a string is not a pipeline
  assert.throws(() => each(["a"], (item) => item), {
    name: "TypeError",
    message: /not return a pipeline/,
  });
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
  Deno.test(`each() rejects the options ${JSON.stringify(options)}`, () => {
    const build = () => each([1], () => cmd("true"), options as EachOptions);
    assert.throws(build, (error) => message.test(String(error)));
  });
}

Deno.test("the outputs of a fan-out can be piped on if the items have no sinks", () => {
  const open = each(["a"], (name) => cmd("cat", name));
  const pipeline: Pipeline<"closed", "closed"> = open.pipe(cmd("sort")).to(file("out"));
  assert.equal(pipeline.description.source?.type, "each");
  const closed = each(["a"], (name) => cmd("sort").to(file(name)));
  // @ts-expect-error the output goes to the files
  assert.throws(() => closed.pipe(cmd("sort")), {
    name: "TypeError",
    message: /their own sinks/,
  });
  // @ts-expect-error the types refuse it as well
  assert.throws(() => closed.to(file("out")), { name: "TypeError" });
  // @ts-expect-error the types refuse it as well
  assert.throws(() => closed.text(), { name: "TypeError" });
});

Deno.test("toJSON() of a fan-out is as docs/fan-out.md has it, and precedes what reads it", () => {
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

Deno.test("a fan-out of streams has no JSON form", () => {
  const fan = each([1], () => stream(new ReadableStream<Uint8Array>()).pipe(cmd("cat")));
  assert.throws(() => fan.toJSON(), { name: "PlanError" });
});

Deno.test("plan() of a fan-out has the plan of each item, with the given runner", () => {
  const fan = each(["a", "b"], (name) => cmd("cat", name), { concurrency: 3 });
  const plan = fan.pipe(cmd("sort").on(local())).plan({ runner: vm() });
  assert.deepEqual(plan.items.map(({ stages }) => stages[0]!.runner?.kind), ["vm", "vm"]);
  assert.match(String(plan), /^each\(2 items, 3 at once\)\n {2}0: empty\(\)\n/);
  assert.match(String(plan), /\nlocal: sort\n/);
  assert.equal(JSON.parse(JSON.stringify(plan)).items.length, 2);
});

Deno.test("plan() prints the first items and how many more there are", () => {
  const shown = String(each(Array(10).keys(), (n) => cmd("seq", `${n}`)).plan());
  assert.match(shown, /seq 2\n/);
  assert.doesNotMatch(shown, /seq 3\n/);
  assert.match(shown, /\n {2}\.\. and 7 more\n/);
});
