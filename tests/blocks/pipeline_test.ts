import assert from "node:assert/strict";
import {
  chain,
  cmd,
  discard,
  empty,
  file,
  gunzip,
  gzip,
  local,
  stdout,
  stream,
  tar,
  text,
  untar,
} from "../../mod.ts";

Deno.test("a pipeline is frozen, down to the words of a command", () => {
  const pipeline = tar("a").pipe(cmd("wc", "-l").env({ A: "1" })).to(file("out"));
  assert.ok(Object.isFrozen(pipeline));
  assert.ok(Object.isFrozen(pipeline.description.stages));
  const stage = pipeline.description.stages[0]!;
  assert.ok(stage.type === "command" && Object.isFrozen(stage.args) && Object.isFrozen(stage.env));
});

Deno.test("every builder returns a frozen value", () => {
  const values = [cmd("a"), file("a"), text("a"), empty(), gzip(), stdout(), discard(), untar("a")];
  for (const value of values) assert.ok(Object.isFrozen(value));
});

Deno.test("changing the array that a command was made from does not change the command", () => {
  const link: [string, string] = ["echo", "before"];
  const made = chain(link, ["true"]);
  link[1] = "after";
  assert.match(JSON.stringify(made), /before/);
});

Deno.test("two pipelines from one base are independent", () => {
  const base = file("in").pipe(cmd("sort"));
  const left = base.pipe(cmd("uniq"));
  const right = base.to(file("out"));
  assert.equal(base.description.stages.length, 1);
  assert.equal(left.description.stages.length, 2);
  assert.equal(left.description.sink, undefined);
  assert.equal(right.description.stages.length, 1);
});

Deno.test("changing a setting of a command makes a new command", () => {
  const base = cmd("env");
  const changed = base.env({ A: "1" }).cwd("/").on(local()).stderr(discard());
  assert.deepEqual(base.node, { type: "command", args: ["env"], env: {} });
  assert.deepEqual(Object.keys(changed.node).sort(), [
    "args",
    "cwd",
    "env",
    "runner",
    "stderr",
    "type",
  ]);
});

Deno.test("pipelines without a source can be piped into as a whole", async () => {
  const count = cmd("sort", "-u").pipe(cmd("wc", "-l"));
  assert.equal(await text("b\na\nb\n").pipe(count).text(), "2");
  assert.equal(await text("a\n").pipe(gzip().pipe(gunzip()).pipe(count)).text(), "1");
});

Deno.test("a source cannot be piped into, by types and at run time", () => {
  assert.throws(
    // @ts-expect-error a file that is piped into would be a second source
    () => file("a").pipe(file("b")),
    { name: "TypeError", message: /file\(\): it is a source; a sink goes into \.to\(\)/ },
  );
});

Deno.test("a sink is refused in the middle, by types and at run time", () => {
  // @ts-expect-error a sink is no stage
  assert.throws(() => cmd("a").pipe(stdout()), { name: "TypeError" });
  const closed = cmd("a").to(file("b"));
  // @ts-expect-error the output has gone to the sink
  assert.throws(() => closed.pipe(cmd("c")), { name: "TypeError", message: /goes to file\(\)/ });
  // @ts-expect-error the output has gone to the sink
  assert.throws(() => closed.to(file("c")), { name: "TypeError", message: /goes to file\(\)/ });
  // @ts-expect-error the output has gone to the sink
  assert.throws(() => closed.text(), { name: "TypeError", message: /goes to file\(\)/ });
});

Deno.test("a command is refused as a sink, by types and at run time", () => {
  // @ts-expect-error a command has no sink side
  assert.throws(() => text("a").to(cmd("b")), { name: "TypeError", message: /not a sink/ });
});

Deno.test("a pipeline is not a promise", () => {
  assert.equal("then" in cmd("a").pipe(cmd("b")), false);
});

Deno.test("a readable stream is a source and a writable one a sink", () => {
  assert.equal(stream(new ReadableStream<Uint8Array>()).description.source?.type, "stream");
  assert.equal(stream(new WritableStream<Uint8Array>()).sink.type, "stream");
  // @ts-expect-error neither of them
  assert.throws(() => stream("text"), { name: "TypeError" });
});

Deno.test("invalid paths are refused", () => {
  for (const bad of ["", "a\0b"]) {
    assert.throws(() => file(bad), { name: "TypeError" });
    assert.throws(() => untar(bad), { name: "TypeError" });
    assert.throws(() => tar(bad), { name: "TypeError" });
  }
  // @ts-expect-error no file at all
  assert.throws(() => tar(), { name: "TypeError", message: /no file is named/ });
});

Deno.test("what a pipeline's ends do not allow is a compile-time error", () => {
  // Type-checked, never called.
  const _ends = async () => {
    const closed = cmd("a").to(discard());
    // @ts-expect-error: there already is a sink
    for await (const _line of closed);
    // @ts-expect-error: there already is a sink
    for await (const _line of closed.start());
    // @ts-expect-error: there already is a sink
    closed.capture();
    // @ts-expect-error: there already is a sink
    closed.start().stdout.lines();
    // @ts-expect-error: there already is a source
    text("a").pipe(cmd("a")).start().stdin.write("b");
    // @ts-expect-error: it is forwarded
    cmd("a").start().stderr.lines();
    // @ts-expect-error: there is no such signal
    cmd("a").start().kill("TERM");
    // @ts-expect-error: it never throws for a command
    cmd("a").capture({ check: true });
    const lines: AsyncIterable<string> = cmd("a").start({ stderr: "pipe" }).stderr.lines();
    for await (const line of cmd("a")) line.length;
    for await (const line of cmd("a").start()) line.length;
    return lines;
  };
});
