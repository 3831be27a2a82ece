import assert from "node:assert/strict";
import { COMPILED_BY, EXECVM, execvm } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../../support/processes.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

Deno.test("chain runs the first command, then the second, with any delimiter", async () => {
  for (const delimiter of ["--", ">>=", "and then"]) {
    const args = ["chain", delimiter, "echo", "a", delimiter, "echo", "b"];
    assert.deepEqual(await execvm(args), { code: 0, stdout: "a\nb\n", stderr: "" });
  }
});

Deno.test("chain stops with the status of the first command if that fails", async () => {
  const seed = ["chain", ">>=", "/bin/true", ">>=", "/usr/bin/execvm", "chain", ">>="];
  assert.equal((await execvm([...seed, "/bin/false", ">>=", "/bin/true"])).code, 1);
  const exiting = await execvm(["chain", "--", "sh", "-c", "exit 7", "--", "echo", "no"]);
  assert.deepEqual([exiting.code, exiting.stdout], [7, ""]);
  assert.equal((await execvm(["chain", "--", "sh", "-c", "kill -9 $$", "--", "true"])).code, 137);
});

Deno.test("chain ends with the status or death by signal of the second command", async () => {
  assert.equal((await execvm(["chain", "--", "true", "--", "sh", "-c", "exit 9"])).code, 9);
  assert.equal(
    (await execvm(["chain", "--", "true", "--", "sh", "-c", "kill -TERM $$"])).code,
    143,
  );
});

Deno.test("chain becomes the second command: the same pid, and one process", async () => {
  const show = "echo $$; echo $(cat /proc/$$/task/$$/children)";
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), "chain", "--", "true", "--", "sh", "-c", show],
    stdout: "piped",
  }).spawn();
  const { stdout } = await child.output();
  const [pid, children] = new TextDecoder().decode(stdout).split("\n");
  assert.equal(Number(pid), child.pid);
  assert.equal(children!.split(" ").filter(Boolean).length <= 1, true); // the cat that reads it
});

Deno.test("the command that chain becomes inherits no child process", async () => {
  // Its parent is the chain, or the shell that the chain has become.
  const children = "cat /proc/$$/task/$$/children; wait; echo $?";
  const { stdout } = await execvm(["chain", "--", "true", "--", "sh", "-c", `${children}; true`]);
  assert.match(stdout, /^\d+ ?\n?0\n$/); // the cat that reads it
});

Deno.test("killing a chain also ends the command that it runs", async () => {
  const mark = newMark();
  const child = new Deno.Command(EXECVM[0], {
    args: [
      ...EXECVM.slice(1),
      "chain",
      "--",
      "sh",
      "-c",
      "echo ready; sleep 1000; :",
      "--",
      "true",
    ],
    env: { [MARK_VARIABLE]: mark },
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  await eventually(() => processesWith(mark), ({ length }) => length === 0, 5000);
});

Deno.test("the second command reads on where the first stopped reading stdin", async () => {
  const args = ["chain", "--", "sh", "-c", "read line; echo first $line", "--", "cat"];
  assert.equal((await execvm(args, { stdin: "a\nb\nc\n" })).stdout, "first a\nb\nc\n");
});

Deno.test("nested chains run in order", async () => {
  const level = (n: number): string[] =>
    n === 0 ? ["echo", "0"] : ["execvm", "chain", "--", "echo", `${n}`, "--", ...level(n - 1)];
  assert.equal((await execvm(level(5).slice(1))).stdout, "5\n4\n3\n2\n1\n0\n");
});

Deno.test({
  ...needs("nested chains start Deno only once", "strace"),
  async fn() {
    using folder = tempDir();
    const log = `${folder.path}/log`;
    const nested = ["--", "true", "--", "execvm", "chain", "--", "true", "--", "true"];
    const { code } = await new Deno.Command("strace", {
      args: ["-f", "-o", log, "-e", "trace=execve", ...EXECVM, "chain", ...nested],
    }).output();
    assert.equal(code, 0);
    const started = Deno.readTextFileSync(log).split("\n")
      .filter((line) => !line.includes(" = -1 ")).flatMap((line) =>
        / execve\("[^"]*\/([^"/]+)"/.exec(line)?.[1] ?? []
      );
    const start = COMPILED_BY === undefined ? "deno" : "execvm"; // a script is also started as execvm
    const others = started.slice(started.indexOf(start));
    const watchdog = "sh"; // it ends the command if execvm is killed
    assert.deepEqual(others, [start, watchdog, "true", "true", "true"]);
  },
});

for (const env of [{}, { EXECVM_NO_FFI: "1" }]) {
  Deno.test(`--stdout redirects what the first command prints ${JSON.stringify(env)}`, async () => {
    const commands = ["--", "sh", "-c", "echo a; echo e >&2", "--", "echo", "b"];
    for (
      const [option, stdout, stderr] of [
        ["pass", "a\nb\n", "e\n"],
        ["discard", "b\n", "e\n"],
        ["stderr", "b\n", "a\ne\n"],
      ] as const
    ) {
      const run = await execvm(["chain", `--stdout=${option}`, ...commands], { env });
      const said = run.stderr.split("\n").sort().join("\n");
      const sorted = stderr.split("\n").sort().join("\n");
      assert.deepEqual([run.code, run.stdout, said], [0, stdout, sorted]);
    }
  });
}

Deno.test("without FFI a process that the first command leaves behind does not delay the second", async () => {
  const first = ["sh", "-c", "echo a; sleep 1000 2>/dev/null & echo $! >&2"];
  const args = ["chain", "--stdout", "stderr", "--", ...first, "--", "echo", "b"];
  const { stdout, stderr } = await execvm(args, { env: { EXECVM_NO_FFI: "1" } });
  const pid = /^\d+$/m.exec(stderr)![0];
  Deno.kill(Number(pid), "SIGKILL");
  assert.deepEqual([stdout, stderr.includes("a\n")], ["b\n", true]);
});

Deno.test("chain rejects an unknown --stdout with one line", async () => {
  const { code, stderr } = await execvm(["chain", "--stdout=file", "--", "true", "--", "true"]);
  const message = "cannot chain with --stdout file: it must be one of pass, stderr, discard";
  assert.deepEqual([code, stderr], [2, `execvm: ${message}\n`]);
});

Deno.test("the commands of a chain do not inherit the file that records which one runs", async () => {
  using folder = tempDir();
  const note = `${folder.path}/note`;
  const show = ["sh", "-c", 'echo "<$EXECVM_CHAIN_NOTE>"'];
  for (const [value, stderr] of [[note, ""], [":t", "\x1eexecvm-t 1\n\x1eexecvm-t 2\n"]] as const) {
    const args = ["chain", "--", ...show, "--", ...show];
    const run = await execvm(args, { env: { EXECVM_CHAIN_NOTE: value } });
    assert.deepEqual(run, { code: 0, stdout: "<>\n<>\n", stderr });
  }
  assert.equal(Deno.readTextFileSync(note), "2\n");
});

Deno.test("chain exits with 127 for not found and 126 for not executable, for each command", async () => {
  for (const [code, program] of [[127, "no-such-command"], [126, "/etc/passwd"]] as const) {
    for (const args of [[program, "--", "true"], ["true", "--", program]]) {
      const run = await execvm(["chain", "--", ...args]);
      assert.equal(run.code, code);
      assert.match(run.stderr, /^execvm: cannot run [^\n]+\n$/);
    }
  }
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} reaches the first command of a chain`, async () => {
    const first = `trap 'echo got; exit 5' ${
      signal.slice(3)
    }; echo ready; while :; do sleep 0.05; done`;
    const child = new Deno.Command(EXECVM[0], {
      args: [...EXECVM.slice(1), "chain", "--", "sh", "-c", first, "--", "echo", "never"],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "ready\n");
    child.kill(signal);
    assert.equal((await reader.read()).value, "got\n");
    assert.equal((await reader.read()).done, true);
    assert.equal((await child.status).code, 5);
  });
}

Deno.test("SIGTERM reaches the second command of a chain, which has replaced it", async () => {
  const child = new Deno.Command(EXECVM[0], {
    args: [
      ...EXECVM.slice(1),
      "chain",
      "--",
      "true",
      "--",
      "sh",
      "-c",
      "echo ready; exec sleep 1000",
    ],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, "ready\n");
  child.kill("SIGTERM");
  assert.equal((await reader.read()).done, true);
  assert.equal((await child.status).signal, "SIGTERM");
});

Deno.test("a signal that was ignored stays ignored through a chain", async () => {
  const show = "grep SigIgn /proc/self/status";
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      `trap '' HUP; "$@"; exit`,
      "sh",
      ...EXECVM,
      "chain",
      "--",
      "true",
      "--",
      "sh",
      "-c",
      show,
    ],
  }).output();
  const ignored = BigInt(`0x${new TextDecoder().decode(stdout).split("\t")[1]!.trim()}`);
  assert.equal(ignored & 1n, 1n);
});

Deno.test("a chain also runs without FFI", async () => {
  const env = { EXECVM_NO_FFI: "1" };
  const run = await execvm(["chain", "--", "echo", "a", "--", "sh", "-c", "exit 3"], { env });
  assert.deepEqual(run, { code: 3, stdout: "a\n", stderr: "" });
});
