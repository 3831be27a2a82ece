// Code as a stage, in real machines: alone, between others, and for each item of a fan-out.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  cmd,
  code,
  type CodeOptions,
  CommandError,
  each,
  fromJSON,
  gunzip,
  gzip,
  local,
  type Pipeline,
  prepareImage,
  RunnerError,
  text,
  voidRunner,
} from "../../mod.ts";
import { MARK_VARIABLE, newMark } from "../support/processes.ts";
import { openDir } from "../support/open_dir.ts";
import { tempDir } from "../support/temp_dir.ts";
import { EXECVM } from "../support/cli.ts";
import { codeTest, makePythonRoot } from "./fixture.ts";

const EACH_CODE = fileURLToPath(new URL("../fixtures/each_code.ts", import.meta.url));

/** The options of all code here. */
const TCG: CodeOptions = { accel: "tcg", outputsDir: false, timeoutMs: 300_000 };

/** Runs a pipeline that fails. */
async function failure(pipeline: Pipeline): Promise<CommandError> {
  const error = await pipeline.run().then(() => undefined, (error) => error);
  assert.ok(error instanceof CommandError, `${error}`);
  return error;
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

codeTest("code() runs as a stage", async (test) => {
  using folder = tempDir();
  const image = await prepareImage({
    from: await makePythonRoot(`${folder.path}/root`),
    cacheKey: `code-stage-${crypto.randomUUID()}`,
  });
  const named = image.cacheKey!;

  await test.step("between others: its stdin is their output, its stdout their input", async () => {
    const shout = code(image, "import sys; sys.stdout.write(sys.stdin.read().upper())", TCG);
    const pipeline = text("hello\n").pipe(cmd("cat")).pipe(shout).pipe(gzip()).pipe(gunzip());
    assert.equal(await pipeline.pipe(cmd("wc", "-c")).text(), "6");
    assert.equal(await pipeline.text(), "HELLO");
  });

  await test.step("alone, with an empty stdin, whatever the runner of the run is", async () => {
    const alone = code(named, "import sys; print([sys.stdin.read(), sys.argv[1:]])", {
      ...TCG,
      args: ["a b", Uint8Array.of(0xff)],
    });
    assert.equal(await alone.text({ runner: voidRunner() }), "['', ['a b', '\\udcff']]");
  });

  await test.step("the same from JSON, by the command line", async () => {
    const files = { "helper.py": new TextEncoder().encode("word = 'helped'") };
    const block = code(named, "import helper; print(helper.word, input())", { ...TCG, files });
    const json = JSON.stringify(text("in").pipe(block));
    const read = fromJSON(JSON.parse(json)) as Pipeline<"closed", "open">;
    assert.equal(await read.pipe(cmd("cat")).text(), "helped in");
    const [command, ...args] = EXECVM;
    const said = text(json).pipe(cmd(command, ...args, "pipe", "-"));
    assert.equal(await said.text(), "helped in");
  });

  await test.step("1 MiB goes through, and a reader that stops early is no failure", async () => {
    const copy = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)";
    const bytes = cmd("head", "-c", "1048576", "/dev/zero").pipe(code(named, copy, TCG));
    assert.equal(await bytes.pipe(cmd("wc", "-c")).text(), "1048576");
    const endless = code(named, "", { ...TCG, argv: ["yes"] }).pipe(cmd("head", "-c", "4"));
    assert.equal(await endless.text(), "y\ny");
  });

  await test.step("its outputs appear whole in their folder, also if the code fails", async () => {
    const place = `${folder.path}/out/put`;
    const made =
      "open('a', 'w').write('hi'); import sys; print('why', file=sys.stderr); sys.exit(3)";
    const error = await failure(code(named, made, { accel: "tcg", outputsDir: place }));
    const [stage] = error.stages;
    assert.deepEqual([error.code, error.timedOut, stage!.stderrTail], [3, false, "why\n"]);
    assert.deepEqual(stage!.codeResult!.artifacts.map(({ path }) => path), ["/workspace/a"]);
    assert.equal(stage!.codeResult!.outputsDir, place);
    assert.equal(Deno.readTextFileSync(`${place}/files/workspace/a`), "hi");
    assert.deepEqual([namesIn(`${folder.path}/out`), namesIn(place)], [["put"], [
      "files",
      "manifest.json",
    ]]);
  });

  await test.step("limits and crashes are failures of the code, with their reason", async () => {
    const slow = await failure(code(named, "while True: pass", { ...TCG, timeoutMs: 3000 }));
    assert.deepEqual([slow.code, slow.timedOut], [124, true]);
    assert.match(
      slow.message,
      /^"python3" \(vm\) exited with code 124: it reached its time limit$/,
    );
    const greedy = "b = []\nwhile True: b.append(bytearray(b'x' * 2 ** 24))";
    const hungry = await failure(code(named, greedy, TCG));
    assert.match(hungry.message, /died of SIGKILL: it ran out of memory: raise memoryMib$/);
    assert.equal(hungry.stages[0]!.codeResult!.oomKilled, true);
    const panic = await failure(code(named, "open('/proc/sysrq-trigger', 'w').write('c')", TCG));
    assert.equal(panic.code, 125);
    assert.match(
      panic.message,
      /^"python3" \(vm\) exited with code 125: its machine failed: [^\n]+$/,
    );
  });

  await test.step("the command line says on stderr why code failed, if the code cannot", async () => {
    const pipe = async (block: Pipeline, sh = 'exec "$@"') => {
      const [command, ...args] = EXECVM;
      const words = ["sh", "-c", sh, "sh", command, ...args, "pipe", "/dev/stdin"] as const;
      const { code, stages } = await text(JSON.stringify(block)).pipe(cmd(...words))
        .run({ check: false });
      return [code, stages[0]!.stderrTail.replace(/^execvm: virtual .*\n/, "")];
    };
    const slow = await pipe(code(named, "while True: pass", { ...TCG, timeoutMs: 3000 }));
    assert.deepEqual(slow, [124, "execvm: the code failed: it reached its time limit\n"]);
    const [status, full] = await pipe(code(named, "print(1)", TCG), 'exec "$@" > /dev/full');
    assert.equal(status, 125);
    assert.match(`${full}`, /^execvm: [^\n]*(no space|is full)[^\n]*\n$/);
    const [none, missing] = await pipe(code("there-is-none", "1"));
    assert.equal(none, 125);
    assert.match(
      `${missing}`,
      /^execvm: cannot take the image "there-is-none": there is no [^\n]+\n$/,
    );
  });

  await test.step("what keeps it from running is found before anything starts", async () => {
    const full = `${folder.path}/root`;
    const broken: readonly [Pipeline<"open", "open">, RegExp][] = [
      [
        code("there-is-none", "1"),
        /^cannot take the image "there-is-none": there is no image of that name/,
      ],
      [code(named, "1", { files: { a: "/not/there" } }), /^cannot give the code the file "\/not/],
      [code(named, "1", { files: { a: full } }), /: it is a folder$/],
      [code(named, "1", { outputsDir: full }), /^cannot put outputs into .*: it must be empty/],
      [code(named, "1", { outputsTar: `${full}/no/a.tar` }), /^cannot write "/],
    ];
    const touched = `${folder.path}/touched`;
    for (const [block, message] of broken) {
      const run = cmd("touch", touched).pipe(block).run();
      await assert.rejects(
        run,
        (error) => error instanceof RunnerError && message.test(error.message),
      );
    }
    assert.ok(!namesIn(folder.path).includes("touched"));
  });

  await test.step("an abort ends it, a signal reaches it, and its status counts", async () => {
    const waiting = code(named, "import time; print('on', flush=True); time.sleep(1000)", TCG);
    const aborter = new AbortController();
    const onEvent = (event: { type: string; phase?: string }) => {
      if (event.phase === "running") aborter.abort("enough");
    };
    await assert.rejects(
      waiting.run({ signal: aborter.signal, onEvent }),
      (reason) => reason === "enough",
    );
    const { code: status, timedOut } = await waiting.run({ timeoutMs: 4000, check: false });
    assert.deepEqual([status, timedOut], [124, true]);
  });

  await test.step("an item of a fan-out that is retried makes its outputs again", async () => {
    const flag = `${folder.path}/once`;
    const once = 'if [ -e "$1" ]; then echo second; else touch "$1"; echo first; fi';
    const program = "import os; open(input(), 'w'); raise SystemExit(os.path.exists('first'))";
    const fan = each([1], () =>
      cmd("sh", "-c", once, "sh", flag).on(local())
        .pipe(code(named, program, { accel: "tcg", outputsDir: `${folder.path}/retried` })), {
      retry: { times: 2, on: ["command"] },
    });
    const { items } = await fan.run();
    assert.deepEqual([items[0]!.status, items[0]!.attempts], ["succeeded", 2]);
    assert.deepEqual(namesIn(`${folder.path}/retried/files/workspace`), ["second"]);
  });

  await test.step("20 items, four at once, with warm Python; nothing is left behind", async () => {
    using temporary = openDir();
    const out = `${folder.path}/items`;
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", EACH_CODE, named, out],
      env: { TMPDIR: temporary.path, [MARK_VARIABLE]: newMark() },
      stderr: "inherit",
    }).output();
    assert.ok(success);
    const { items, most, left, machines } = JSON.parse(new TextDecoder().decode(stdout));
    assert.deepEqual([most, left, machines], [4, [], []]);
    assert.deepEqual(namesIn(out).length, 20);
    for (const [index, item] of items.entries()) {
      const { status, code, timedOut, artifacts, outputsDir, text } = item;
      const end = index === 7 ? 3 : index === 11 ? 124 : 0;
      assert.deepEqual([code, timedOut], [end, index === 11], `item ${index}`);
      assert.equal(status, end === 0 ? "succeeded" : "failed");
      assert.deepEqual(JSON.parse(text), { item: `${index}`, warm: true, files: "given" });
      assert.deepEqual(artifacts.map(({ path }: { path: string }) => path), ["/workspace/made"]);
      assert.equal(outputsDir, `${out}/${index}`);
      assert.equal(Deno.readTextFileSync(`${outputsDir}/files/workspace/made`), `${index}`);
    }
  });
});
