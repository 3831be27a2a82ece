import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { EXECVM, execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import { checkTrace, type ReadTrace } from "./check_trace.ts";

/** Runs execvm in a new folder with a trace and a report, and returns its output and both files. */
async function observed(args: readonly string[], options: { stdin?: string } = {}) {
  using folder = tempDir();
  const [trace, report] = [`${folder.path}/trace.json`, `${folder.path}/report.html`];
  const [verb, ...rest] = args as [string, ...string[]];
  const run = await execvm([verb, "--trace", trace, "--report", report, ...rest], options);
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["report.html", "trace.json"]);
  const page = Deno.readTextFileSync(report);
  return { ...run, page, trace: checkTrace(Deno.readTextFileSync(trace)) };
}

function stagesOf({ traceEvents }: ReadTrace): unknown[] {
  return traceEvents.filter((event) => "cat" in event && event.cat === "stage")
    .map(({ name, args }) => [name, args["end"]]);
}

Deno.test("run with a trace and a report keeps the command's stdout, stderr and exit status", async () => {
  const script = "cat; echo said >&2; exit 7";
  const run = await observed(["run", "--", "sh", "-c", script], { stdin: "typed" });
  assert.deepEqual([run.code, run.stdout, run.stderr], [7, "typed", "said\n"]);
  assert.deepEqual(stagesOf(run.trace), [["sh", "exit code 7"]]);
  assert.match(run.page, /<pre class="tail" tabindex="0">said<\/pre>/);
});

Deno.test("the trace of pipe has one thread per stage", async () => {
  const pipeline = {
    type: "text",
    text: "data",
    output: { type: "command", args: ["cat"], output: { type: "gzip" } },
  };
  const run = await observed(["pipe", "-"], { stdin: JSON.stringify(pipeline) });
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(stagesOf(run.trace), [["cat", "exit code 0"], ["gzip", "exit code 0"]]);
});

Deno.test("signals, time limits and missing programs are reported, and their codes are unchanged", async () => {
  const killed = await observed(["run", "--", "sh", "-c", "kill -9 $$"]);
  assert.deepEqual([killed.code, ...stagesOf(killed.trace)], [137, ["sh", "SIGKILL"]]);
  const late = await observed(["run", "--timeout", "100ms", "--", "sleep", "1000"]);
  assert.equal(late.code, 124);
  assert.match(JSON.stringify(stagesOf(late.trace)), /^\[\["sleep","SIG(TERM|KILL)"\]\]$/);
  const missing = await observed(["run", "--", "no-such-program"]);
  assert.deepEqual([missing.code, ...stagesOf(missing.trace)], [
    127,
    ["no-such-program", "exit code 127"],
  ]);
});

Deno.test("a missing source is reported, and is the same error as without a report", async () => {
  const pipeline = { type: "file", name: "/not/there", output: { type: "command", args: ["cat"] } };
  const run = await observed(["pipe", "-"], { stdin: JSON.stringify(pipeline) });
  assert.equal(run.code, 125);
  assert.match(run.stderr, /^execvm: cannot read "\/not\/there": .*\n$/);
  assert.match(run.page, /cannot read &quot;\/not\/there&quot;/);
});

Deno.test("a trace or report that cannot be written is rejected before anything starts", async () => {
  using folder = tempDir();
  const started = `${folder.path}/started`;
  for (const option of ["--trace", "--report"]) {
    const run = await execvm(["run", option, `${folder.path}/no/file`, "--", "touch", started]);
    assert.equal(run.code, 125);
    assert.match(run.stderr, /^execvm: cannot write ".*\/no\/file": .*\n$/);
  }
  const same = ["--trace", `${folder.path}/a`, "--report", `${folder.path}/a`];
  assert.equal((await execvm(["run", ...same, "--", "touch", started])).code, 2);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a report that cannot be written at the end changes neither stdout nor exit status", async () => {
  using folder = tempDir();
  const report = `${folder.path}/sub/report.html`;
  Deno.mkdirSync(`${folder.path}/sub`);
  const command = ["sh", "-c", 'rm -r "$1"; echo out; exit 5', "sh", `${folder.path}/sub`];
  const run = await execvm(["run", "--report", report, "--", ...command]);
  assert.deepEqual([run.code, run.stdout], [5, "out\n"]);
  assert.match(run.stderr, /^execvm: cannot write ".*report\.html": .*\n$/);
});

Deno.test("execvm that receives an ending signal still writes the trace", async () => {
  using folder = tempDir();
  const [trace, ready] = [`${folder.path}/trace.json`, `${folder.path}/ready`];
  const script = 'touch "$1"; exec sleep 1000';
  const command = ["run", "--trace", trace, "--", "sh", "-c", script, "sh", ready];
  const child = new Deno.Command(EXECVM[0], { args: [...EXECVM.slice(1), ...command] }).spawn();
  const isThere = () => Deno.stat(ready).then(() => true, () => false);
  await eventually(isThere, (there) => there, 60_000);
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 143);
  assert.deepEqual(stagesOf(checkTrace(Deno.readTextFileSync(trace))), [["sh", "SIGTERM"]]);
});

Deno.test("without a trace or report, run still becomes its command", async () => {
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), "run", "-q", "--", "sh", "-c", "echo $$"],
    stdout: "piped",
  }).spawn();
  const { stdout } = await child.output();
  assert.equal(Number(new TextDecoder().decode(stdout)), child.pid);
});
