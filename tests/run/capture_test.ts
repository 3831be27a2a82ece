import assert from "node:assert/strict";
import {
  bytes,
  type Captured,
  cmd,
  CommandError,
  discard,
  each,
  EndpointError,
  file,
  local,
  RunnerError,
  ssh,
  text,
} from "../../mod.ts";
import { mergeLines } from "../../src/io/merge_lines.ts";
import { toText } from "../../src/model/to_text.ts";
import { tempDir } from "../support/temp_dir.ts";

const FAILING = cmd("sh", "-c", "echo out; echo why >&2; exit 3");

Deno.test("capture() returns stdout, stderr and the code of a command that failed", async () => {
  const { ok, code, stdout, stderr, truncated, stages } = await FAILING.capture();
  assert.deepEqual({ ok, code, stdout, stderr, truncated }, {
    ok: false,
    code: 3,
    stdout: "out",
    stderr: "why",
    truncated: false,
  });
  assert.equal(stages[0]!.stderrTail, "why\n");
});

Deno.test("capture() returns a program that does not exist as 127", async () => {
  const { code, stderr } = await cmd("/no/such/program").capture();
  assert.equal(code, 127);
  assert.match(stderr, /no such command/);
});

Deno.test("capture() with the encoding `bytes` changes nothing", async () => {
  const value = Uint8Array.of(0, 255, 13, 10);
  const { stdout, stderr } = await bytes(value).pipe(cmd("cat")).capture({ encoding: "bytes" });
  assert.deepEqual([stdout, stderr], [value, new Uint8Array()]);
});

Deno.test("capture() drops one trailing newline, as text() does", async () => {
  const both = cmd("sh", "-c", "printf 'a\\r\\n\\r\\n' | tee /dev/stderr");
  const { stdout, stderr } = await both.capture();
  assert.deepEqual([stdout, stderr], ["a\r\n", "a\r\n"]);
});

Deno.test("capture() keeps the first bytes of both streams, and the command runs to its end", async () => {
  const command = cmd("sh", "-c", "printf 123; printf 456 >&2; seq 99999; exit 4");
  const { code, stdout, stderr, truncated } = await command.capture({ maxOutputBytes: 2 });
  assert.deepEqual({ code, stdout, stderr, truncated }, {
    code: 4,
    stdout: "12",
    stderr: "45",
    truncated: true,
  });
});

Deno.test("capture() of a never-ending command keeps its limit, and ends at the time limit", async () => {
  const { timedOut, code, stdout, truncated } = await cmd("yes").capture({
    timeoutMs: 200,
    maxOutputBytes: 3,
  });
  assert.deepEqual([timedOut, code, stdout, truncated], [true, 124, "y\ny", true]);
});

Deno.test("capture() has the stderr of all stages, but not what goes to a sink", async () => {
  const say = (words: string) => cmd("sh", "-c", `cat; echo ${words} >&2`);
  const { stderr, stages } = await say("a").pipe(say("b").stderr(discard())).pipe(say("c"))
    .capture();
  assert.deepEqual(stderr.split("\n").sort(), ["a", "c"]);
  assert.deepEqual(stages.map(({ stderrTail }) => stderrTail), ["a\n", "", "c\n"]);
});

Deno.test("capture() has the stderr of the items of a fan-out", async () => {
  const items = each(["a", "b"], (word) => cmd("sh", "-c", `echo ${word} >&2`));
  const { stderr } = await items.pipe(cmd("cat")).capture();
  assert.deepEqual(stderr.split("\n").sort(), ["a", "b"]);
});

Deno.test("capture() forwards stderr only if it is asked to", async () => {
  const script = (options: string) =>
    `import { cmd } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
    await cmd("sh", "-c", "echo why >&2").capture(${options});`;
  const stderrOf = async (options: string) => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", script(options)],
    }).output();
    return new TextDecoder().decode(stderr);
  };
  assert.equal(await stderrOf(""), "");
  assert.equal(await stderrOf('{ stderr: "forward" }'), "why\n");
});

Deno.test("capture() rejects if a runner or the source failed, or the signal is aborted", async () => {
  const away = ssh({ host: "execvm.invalid" }).cmd("true");
  await assert.rejects(away.capture(), RunnerError);
  await assert.rejects(file("/no/such/file").pipe(cmd("cat")).capture(), EndpointError);
  const reason = new Error("enough");
  await assert.rejects(cmd("true").capture({ signal: AbortSignal.abort(reason) }), reason);
});

Deno.test("capture() refuses invalid options in one line", async () => {
  const cases: [object, RegExp][] = [
    [{ encoding: "latin1" }, /^cannot capture .* encoding "latin1": it is one of text, bytes$/],
    [{ stderr: "inherit" }, /^cannot capture .* stderr "inherit": it is one of capture, forward$/],
    [{ maxOutputBytes: -1 }, /^cannot capture .* maxOutputBytes -1: it must be a whole number/],
    [{ timeoutMs: "1" }, /^cannot run the pipeline with timeoutMs "1"/],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(cmd("true").capture(options), ({ message: actual }: Error) => {
      assert.match(actual, message);
      return true;
    });
  }
  const closed = cmd("true").to(discard()) as unknown as ReturnType<typeof cmd>;
  assert.throws(() => closed.capture(), /^TypeError: cannot capture the output: it already goes/);
});

Deno.test("the type of what capture() returns follows the encoding", async () => {
  const asText: Captured<"text"> = await cmd("true").capture({ timeoutMs: 9000 });
  const asBytes: Captured<"bytes"> = await cmd("true").capture({ encoding: "bytes" });
  const length: number = asText.stdout.length + asBytes.stdout.byteLength;
  assert.equal(length, 0);
});

Deno.test("a CommandError has what was captured until then", async () => {
  for (const run of [() => FAILING.text(), () => FAILING.bytes(), () => FAILING.lines()]) {
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof CommandError);
      assert.deepEqual([error.stdout, error.stderr], ["out", "why"]);
      assert.deepEqual(error.stdoutBytes, new TextEncoder().encode("out\n"));
      return true;
    });
  }
  await assert.rejects(FAILING.to(discard()).run(), (error) => {
    assert.ok(error instanceof CommandError);
    assert.equal(error.stdout, undefined);
    return true;
  });
});

Deno.test("a CommandError at the time limit has what was captured until then", async () => {
  const command = cmd("sh", "-c", "echo half; exec sleep 99");
  await assert.rejects(command.text({ timeoutMs: 300 }), (error) => {
    assert.ok(error instanceof CommandError && error.timedOut);
    assert.equal(error.stdout, "half");
    return true;
  });
});

Deno.test("the error of a failed item has its output", async () => {
  const items = each([1], () => FAILING, { concurrency: 1 });
  await assert.rejects(items.text(), (error) => {
    assert.ok(error instanceof CommandError);
    const [item] = error.items!;
    assert.ok(item!.error instanceof CommandError);
    assert.equal(item!.error.stdout, "out");
    return true;
  });
});

Deno.test("capture() of a fan-out has stdout and stderr of each item, and does not throw", async () => {
  const items = each(["a", "b", "c"], (word) => {
    return cmd("sh", "-c", `echo ${word}1; echo ${word}2 >&2; test ${word} != b`);
  });
  const { ok, code, items: results } = await items.capture();
  assert.deepEqual([ok, code], [false, 1]);
  const shown = results.map(({ item, status, stdout, stderr }) => [item, status, stdout, stderr]);
  assert.deepEqual(shown, [
    ["a", "succeeded", "a1", "a2"],
    ["b", "failed", "b1", "b2"],
    ["c", "succeeded", "c1", "c2"],
  ]);
  const [first] = (await items.capture({ encoding: "bytes", maxOutputBytes: 1 })).items;
  assert.deepEqual([first!.stdout, first!.truncated], [Uint8Array.of(0x61), true]);
});

Deno.test("capture() of a fan-out has the output of the last attempt of an item", async () => {
  using folder = tempDir();
  const script = `echo go >>${folder.path}/n; n=$(wc -l <${folder.path}/n); echo $n; echo $n >&2;
    test $n = 2`;
  const items = each([1], () => cmd("sh", "-c", script), { retry: { times: 1, on: ["command"] } });
  const { items: [item] } = await items.capture();
  assert.deepEqual([item!.attempts, item!.stdout, item!.stderr], [2, "2", "2"]);
});

Deno.test("capture() of a fan-out has items that never ran, with empty output", async () => {
  const items = each([1, 2], () => cmd("false"), { concurrency: 1, failFast: true });
  const { items: results } = await items.capture();
  assert.deepEqual(results.map(({ status, stdout }) => [status, stdout]), [
    ["failed", ""],
    ["skipped", ""],
  ]);
});

Deno.test("messages of errors are safe to print, whatever a command or a program is called", async () => {
  const colours =
    "printf '\\033[31mred\\033[0m\\tcell\\n\\033]0;title\\007\\302\\2332J' >&2; exit 1";
  await assert.rejects(
    cmd("sh", "-c", colours).run({ stderr: "forward" }),
    ({ message }: Error) => {
      assert.equal(message, '"sh" (local) exited with code 1:\nred\tcell\n\ufffd2J');
      return true;
    },
  );
  // deno-lint-ignore no-control-regex
  const unsafe = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
  await assert.rejects(cmd("sh\u009b2J").run(), ({ message }: Error) => {
    assert.doesNotMatch(message, unsafe);
    return true;
  });
  const made = [
    new RunnerError("cannot go: \x1b[2J\u009b", { runner: "x", phase: "y" }),
    new EndpointError("cannot read \x1b[2J\u009b", "source"),
  ];
  for (const { message } of made) assert.doesNotMatch(message, unsafe);
});

Deno.test("mergeLines() does not cut the lines of one command by those of another", () => {
  const merged: string[] = [];
  const taker = mergeLines((lines) => merged.push(new TextDecoder().decode(lines)), false);
  const [left, right] = [taker.open(), taker.open()];
  const write = (to: typeof left, words: string) => to.write(new TextEncoder().encode(words));
  write(left, "one ");
  write(right, "three\nfour");
  write(left, "two\nfive");
  left.end();
  right.end();
  assert.equal(merged.join("|"), "three\n|one two\n|five|four");
});

Deno.test("toText() of output that is too long for a string suggests what else to call", () => {
  assert.throws(
    () => toText(new Uint8Array(2 ** 29)),
    /^RangeError: cannot return 536870912 bytes as text: .* get bytes, or read line by line$/,
  );
});

Deno.test("lines() of an empty line is one empty line", async () => {
  assert.deepEqual(await text("\n").lines(), [""]);
  assert.deepEqual(await text("").lines(), []);
  assert.deepEqual(await local().cmd("printf", "\\n\\n").lines(), ["", ""]);
});
