// Rows on files that are copied to a command, and back.

import assert from "node:assert/strict";
import {
  chain,
  cmd,
  CommandError,
  type CopyOptions,
  EndpointError,
  type Runner,
  stream,
} from "../../mod.ts";
import { EXECVM } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp_dir.ts";
import type { Row, Subject } from "./row.ts";

/** A place of its own: on ssh and Slurm absolute paths are those of this machine. */
class Place implements AsyncDisposable {
  readonly #temp = tempDir();
  readonly #guest = `/tmp/execvm-test-${crypto.randomUUID()}`;
  readonly #subject: Subject;
  readonly #runners: Runner[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Returns a path on this machine. */
  host(name: string): string {
    return `${this.#temp.path}/${name}`;
  }

  /** Returns an absolute path where commands run. */
  guest(name: string): string {
    return `${this.#guest}/${name}`;
  }

  runner(options: CopyOptions): Runner {
    const runner = this.#subject.copying!(options);
    this.#runners.push(runner);
    return runner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const runner of this.#runners) await runner[Symbol.asyncDispose]();
    await Deno.remove(this.#guest, { recursive: true }).catch(() => {});
    this.#temp[Symbol.dispose]();
  }
}

/** Resolves once a folder is gone. */
async function isGone(path: string): Promise<void> {
  const exists = () => Deno.stat(path).then(() => true, () => false);
  await eventually(exists, (found) => !found, GONE_MS);
}

/** How long removing the folder of a run may take, in milliseconds. */
const GONE_MS = 10_000;

/** Makes a row that a runner without files of its own skips. */
function row(name: string, check: (place: Place) => Promise<void>): Row {
  return {
    name,
    async check(subject) {
      if (subject.copying === undefined) return;
      await using place = new Place(subject);
      await check(place);
    },
  };
}

/** Makes a row for runners whose runs have a folder for relative paths. */
function folderRow(name: string, check: (place: Place) => Promise<void>): Row {
  const { check: checkAll } = row(name, check);
  return {
    name,
    check: async (subject) => subject.hasRunFolder ? await checkAll(subject) : undefined,
  };
}

export const COPY_ROWS: readonly Row[] = [
  folderRow(
    "relative paths are in a folder of the run, where the command runs, and which is removed",
    async (place) => {
      const out = place.host("out");
      const runner = place.runner({ files: { "sub/in": Uint8Array.of(49) }, outputs: { out } });
      const here = await chain(["cp", "sub/in", "out"], ["pwd"]).on(runner).text();
      assert.equal(Deno.readTextFileSync(out), "1");
      await isGone(here);
      const inSub = await runner.cmd("sh", "-c", "cp in ../out; pwd").cwd("sub").text();
      assert.match(inSub, /^\/tmp\/execvm-.*\/sub$/);
      const whole = place.runner({ outputs: { ".": place.host("whole") } });
      await whole.cmd("touch", "a", "b").run();
      const names = [...Deno.readDirSync(place.host("whole"))].map(({ name }) => name);
      assert.deepEqual(names.sort(), ["a", "b"]);
    },
  ),
  folderRow(
    "the folder of a run is removed after a failure, an abort, and when execvm is killed",
    async (place) => {
      const runner = place.runner({ files: { in: Uint8Array.of(49) } });
      const failed: { stages: readonly { stderrTail: string }[] } = await runner
        .cmd("sh", "-c", "pwd >&2; exit 1").run({ check: false });
      await isGone(failed.stages[0]!.stderrTail.trim());

      const aborter = new AbortController();
      const chunks = new TransformStream<Uint8Array, Uint8Array>();
      const ended = runner.cmd("sh", "-c", "pwd; exec sleep 1000").to(stream(chunks.writable))
        .run({ signal: aborter.signal });
      ended.catch(() => {});
      const reader = chunks.readable.pipeThrough(new TextDecoderStream()).getReader();
      const aborted = (await reader.read()).value!.trim();
      assert.ok(Deno.statSync(aborted).isDirectory);
      aborter.abort();
      await assert.rejects(ended);
      await reader.cancel().catch(() => {});
      await isGone(aborted);

      const killed = place.host("pipeline.json");
      const sleeping = runner.cmd("sh", "-c", "pwd; exec sleep 1000");
      Deno.writeTextFileSync(killed, JSON.stringify(sleeping));
      const [program, ...args] = [...EXECVM, "pipe", killed];
      const streams = { stdin: "null", stdout: "piped", stderr: "inherit" } as const;
      const child = new Deno.Command(program!, { args, ...streams }).spawn();
      const said = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const left = (await said.read()).value!.trim();
      assert.ok(Deno.statSync(left).isDirectory);
      child.kill("SIGKILL");
      await said.cancel();
      await child.status;
      await isGone(left);
    },
  ),
  row(
    "files and folders are copied in with their modes and links, before all of a chain",
    async (place) => {
      Deno.mkdirSync(place.host("tree/sub"), { recursive: true });
      Deno.writeTextFileSync(place.host("tree/run"), "#!/bin/sh\necho ran\n", { mode: 0o755 });
      Deno.writeTextFileSync(place.host("tree/sub/two words"), "deep\n");
      Deno.symlinkSync("sub/two words", place.host("tree/link"));
      const runner = place.runner({
        files: {
          [place.guest("tree")]: place.host("tree"),
          [place.guest("a/b/bytes")]: Uint8Array.of(0, 255, 10),
        },
      });
      const links = chain(
        [place.guest("tree/run")],
        ["cat", place.guest("tree/link")],
        ["od", "-An", "-tx1", place.guest("a/b/bytes")],
        ["readlink", place.guest("tree/link")],
      );
      assert.equal(await links.on(runner).text(), "ran\ndeep\n 00 ff 0a\nsub/two words");
    },
  ),
  row(
    "outputs come back after a success: a file, a folder, and what a link names",
    async (place) => {
      const outputs = {
        [place.guest("out/file")]: place.host("file"),
        [place.guest("out/folder")]: place.host("folder"),
        [place.guest("out/link")]: place.host("linked"),
      };
      Deno.writeTextFileSync(place.host("file"), "old\n");
      Deno.mkdirSync(place.host("folder"));
      Deno.writeTextFileSync(place.host("folder/kept"), "kept\n");
      const script = "mkdir -p $1/folder/sub; echo new >$1/file; echo in >$1/folder/sub/x; " +
        "ln -s sub/x $1/folder/l; ln -s file $1/link; chmod 750 $1/folder/sub/x";
      const runner = place.runner({ outputs });
      await runner.cmd("sh", "-c", script, "sh", place.guest("out")).run();
      assert.equal(Deno.readTextFileSync(place.host("file")), "new\n");
      assert.equal(Deno.readTextFileSync(place.host("folder/kept")), "kept\n");
      assert.equal(Deno.readTextFileSync(place.host("folder/l")), "in\n");
      assert.equal(Deno.statSync(place.host("folder/sub/x")).mode! & 0o777, 0o750);
      assert.equal(Deno.readTextFileSync(place.host("linked")), "new\n");
    },
  ),
  row("both commands of a pipeline have their files and outputs", async (place) => {
    const [one, two] = [place.guest("one"), place.guest("two")];
    const first = place.runner({ files: { [one]: Uint8Array.of(49, 10) } });
    const outputs = { [place.guest("copy")]: place.host("copy") };
    const second = place.runner({ files: { [two]: Uint8Array.of(50, 10) }, outputs });
    const script = 'cat - "$1" | tee "$2"';
    const pipeline = first.cmd("cat", one)
      .pipe(second.cmd("sh", "-c", script, "sh", two, place.guest("copy")));
    assert.equal(await pipeline.text(), "1\n2");
    assert.equal(Deno.readTextFileSync(place.host("copy")), "1\n2\n");
  }),
  row("after a failure no output comes back, unless it is asked for", async (place) => {
    const script = "mkdir -p $1; echo part >$1/file; exit 3";
    const failing = (runner: Runner) => runner.cmd("sh", "-c", script, "sh", place.guest("out"));
    const outputs = { [place.guest("out/file")]: place.host("file") };
    await assert.rejects(failing(place.runner({ outputs })).run(), CommandError);
    assert.deepEqual([...Deno.readDirSync(place.host("."))], []);
    const wanted = { ...outputs, [place.guest("out/never")]: place.host("never") };
    const always = place.runner({ outputs: wanted, outputsAlways: true });
    await assert.rejects(
      failing(always).run(),
      (error) => error instanceof CommandError && error.code === 3,
    );
    assert.deepEqual([...Deno.readDirSync(place.host("."))].map(({ name }) => name), ["file"]);
    assert.equal(Deno.readTextFileSync(place.host("file")), "part\n");
  }),
  row("a failure further on in the pipeline leaves the old output", async (place) => {
    Deno.writeTextFileSync(place.host("file"), "old\n");
    const runner = place.runner({ outputs: { [place.guest("file")]: place.host("file") } });
    const script = "mkdir -p $1; echo new >$1/file";
    await assert.rejects(
      runner.cmd("sh", "-c", script, "sh", place.guest(".")).pipe(cmd("false")).run(),
      CommandError,
    );
    assert.equal(Deno.readTextFileSync(place.host("file")), "old\n");
    assert.equal([...Deno.readDirSync(place.host("."))].length, 1);
  }),
  row("an output that is missing is told by its name", async (place) => {
    const runner = place.runner({ outputs: { [place.guest("none")]: place.host("none") } });
    await assert.rejects(runner.cmd("true").run(), {
      name: "EndpointError",
      message: `cannot copy "${place.guest("none")}" out to "${place.host("none")}": ` +
        "there is no such file or folder",
    });
  }),
  row("outputs that lead out, and devices and fifos, are refused as a whole", async (place) => {
    const scripts = [
      "ln -s ../../x $1/l",
      "ln -s /etc/passwd $1/l",
      "mkfifo $1/l",
      "ln -s .. $1/l",
    ];
    for (const script of scripts) {
      const out = place.guest(`out${scripts.indexOf(script)}`);
      const runner = place.runner({ outputs: { [out]: place.host("out") } });
      const hostile = runner.cmd("sh", "-c", `mkdir -p $1; echo >$1/a; ${script}`, "sh", out);
      await assert.rejects(
        hostile.run(),
        (error) => error instanceof EndpointError && error.message.includes('cannot unpack "l": '),
        script,
      );
      assert.deepEqual([...Deno.readDirSync(place.host("."))], [], script);
    }
  }),
  row("outputs that exceed the limit are refused, and nothing is left", async (place) => {
    const out = place.guest("large");
    const runner = place.runner({ outputs: { [out]: place.host("out") }, maxOutputsBytes: 65536 });
    const script = "mkdir -p $1; head -c 40000 /dev/urandom | tee $1/a >$1/b";
    await assert.rejects(runner.cmd("sh", "-c", script, "sh", out).run(), {
      name: "EndpointError",
      message: `cannot copy "${out}" out to "${place.host("out")}": ` +
        "the outputs take more than 65536 bytes, the limit by maxOutputsBytes",
    });
    assert.deepEqual([...Deno.readDirSync(place.host("."))], []);
  }),
  row("what cannot be copied is told before anything runs", async (place) => {
    const run = (options: CopyOptions) =>
      place.runner(options).cmd("true").run({ onEvent: ({ type }) => assert.fail(type) });
    const file = place.guest("file");
    await assert.rejects(run({ files: { [file]: place.host("none") } }), {
      name: "EndpointError",
      message: `cannot copy "${place.host("none")}" to "${file}": there is no such file or folder`,
    });
    const missing = place.host("no/folder/file");
    await assert.rejects(run({ outputs: { [file]: missing } }), {
      message: `cannot copy "${file}" out to "${missing}": ` +
        `there is no folder "${place.host("no/folder")}"`,
    });
    const two = { [file]: place.host("out"), [place.guest("more")]: place.host("out/more") };
    Deno.mkdirSync(place.host("out"));
    await assert.rejects(run({ outputs: two }), {
      message: `cannot copy "${place.guest("more")}" out to "${place.host("out/more")}": ` +
        `the output "${file}" is copied to "${place.host("out")}"`,
    });
    Deno.symlinkSync("nowhere", place.host("dangling"));
    await assert.rejects(run({ outputs: { [file]: place.host("dangling") } }), /a link to nothing/);
    await assert.rejects(run({ outputs: { [file]: "/dev/null" } }), /neither a file nor a folder/);
    await assert.rejects(run({ files: { [file]: "/dev/null" } }), /neither a file nor a folder/);
  }),
];
