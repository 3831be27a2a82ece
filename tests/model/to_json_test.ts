import assert from "node:assert/strict";
import {
  bytes,
  chain,
  cmd,
  each,
  file,
  fromJSON,
  gzip,
  local,
  PlanError,
  slurm,
  stream,
  tar,
  text,
  untar,
  voidRunner,
} from "../../mod.ts";

Deno.test("toJSON() returns exactly the nested form of the seed", () => {
  const pipeline = tar("file1", "file2", { compress: "gzip" })
    .pipe(cmd("/bin/tar", "-tzf", "-"))
    .pipe(cmd("wc", "-l"))
    .to(file("output"));
  assert.equal(
    JSON.stringify(pipeline),
    '{"type":"tar","files":["file1","file2"],"compression":"gzip","output":' +
      '{"type":"command","args":["/bin/tar","-tzf","-"],"env":{},"output":' +
      '{"type":"command","args":["wc","-l"],"env":{},"output":{"type":"file","name":"output"}}}}',
  );
});

Deno.test("toJSON() returns the other example of the seed, without source and sink", () => {
  assert.deepEqual(cmd("/bin/echo", "hello").pipe(cmd("/bin/wc", "-c")).toJSON(), {
    type: "command",
    args: ["/bin/echo", "hello"],
    env: {},
    output: { type: "command", args: ["/bin/wc", "-c"], env: {} },
  });
});

Deno.test("toJSON() has every setting of a command", () => {
  const command = cmd("a").env({ A: "1" }).cwd("/x").on(local({ tty: true })).stderr(file("e"));
  assert.deepEqual(command.toJSON(), {
    type: "command",
    args: ["a"],
    env: { A: "1" },
    cwd: "/x",
    runner: { type: "local", tty: true },
    stderr: { type: "file", name: "e" },
  });
});

Deno.test("toJSON() has chains, transforms, bytes and runners", () => {
  const pipeline = bytes(Uint8Array.of(0, 255)).pipe(gzip())
    .pipe(chain(["a"], ["b"]).on(voidRunner({ debug: true }))).to(untar("d"));
  assert.deepEqual(pipeline.toJSON(), {
    type: "bytes",
    base64: "AP8=",
    output: {
      type: "gzip",
      output: {
        type: "chain",
        commands: [["a"], ["b"]],
        env: {},
        runner: { type: "void", debug: true },
        output: { type: "untar", directory: "d" },
      },
    },
  });
});

Deno.test("toJSON() writes a number in place of Infinity, so that it can be read back", () => {
  const pipeline = slurm({ queueTimeoutMs: Infinity }).cmd("ls");
  const again = fromJSON(JSON.parse(JSON.stringify(pipeline))).toJSON();
  assert.deepEqual(again, pipeline.toJSON());
  assert.ok(JSON.stringify(again).includes(`"queueTimeoutMs":${Number.MAX_SAFE_INTEGER}`));
});

Deno.test("toJSON() rejects streams", () => {
  assert.throws(() => stream(new ReadableStream<Uint8Array>()).toJSON(), PlanError);
  assert.throws(() => text("a").to(stream(new WritableStream<Uint8Array>())).toJSON(), PlanError);
});

const ODD = Uint8Array.of(0x61, 0xff, 0x62);

Deno.test("words that are not UTF-8 are base64 in JSON, others are text", () => {
  const command = cmd("rm", ODD, new TextEncoder().encode("é")).env({ A: ODD, B: "1" }).cwd(ODD);
  assert.deepEqual(command.toJSON(), {
    type: "command",
    args: ["rm", { base64: "Yf9i" }, "é"],
    env: { A: { base64: "Yf9i" }, B: "1" },
    cwd: { base64: "Yf9i" },
  });
  assert.deepEqual(chain(["a", ODD], ["b"]).toJSON(), {
    type: "chain",
    commands: [["a", { base64: "Yf9i" }], ["b"]],
    env: {},
  });
});

Deno.test("the JSON of a pipeline and that of its plan are well-formed Unicode", () => {
  const pipeline = each([1], () => chain(["a", ODD], ["b"]).env({ A: ODD })).pipe(cmd("c", ODD));
  assert.ok(!/\\u[dD]/.test(JSON.stringify(pipeline)));
  assert.ok(!/\\u[dD]/.test(JSON.stringify(pipeline.plan())));
});
