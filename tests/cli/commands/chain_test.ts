import assert from "node:assert/strict";
import { COMPILED_BY, EXECVM, execvm } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../../support/processes.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

Deno.test("chain runs the first, then the second, with any delimiter", async () => {
  for (const delimiter of ["--", ">>=", "and then"]) {
    const args = ["chain", delimiter, "echo", "a", delimiter, "echo", "b"];
    assert.deepEqual(await execvm(args), { code: 0, stdout: "a\nb\n", stderr: "" });
  }
});

Deno.test("chain stops with the status of the first when it fails", async () => {
  const seed = ["chain", ">>=", "/bin/true", ">>=", "/usr/bin/execvm", "chain", ">>="];
  assert.equal((await execvm([...seed, "/bin/false", ">>=", "/bin/true"])).code, 1);
  const exiting = await execvm(["chain", "--", "sh", "-c", "exit 7", "--", "echo", "no"]);
  assert.deepEqual([exiting.code, exiting.stdout], [7, ""]);
  assert.equal((await execvm(["chain", "--", "sh", "-c", "kill -9 $$", "--", "true"])).code, 137);
});

Deno.test("chain ends with the status of the second, and dies as it dies", async () => {
  assert.equal((await execvm(["chain", "--", "true", "--", "sh", "-c", "exit 9"])).code, 9);
  assert.equal(
    (await execvm(["chain", "--", "true", "--", "sh", "-c", "kill -TERM $$"])).code,
    143,
  );
});

Deno.test("chain becomes the second: the same pid, and one process", async () => {
  const show = "echo $$; echo $(cat /proc/$$/task/$$/children)";
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), "chain", "--", "true", "--", "sh", "-c", show],
    stdout: "piped",
  }).spawn();
  const { stdout } = await child.output();
  const [pid, children] = new TextDecoder().decode(stdout).split("\n");
  assert.equal(Number(pid), child.pid);
  assert.equal(children!.split(" ").filter(Boolean).length <= 1, true); // the cat that looks
});

Deno.test("what chain becomes has no child that it knows nothing of", async () => {
  // Its parent is the chain, or what has become of that.
  const children = "cat /proc/$$/task/$$/children; wait; echo $?";
  const { stdout } = await execvm(["chain", "--", "true", "--", "sh", "-c", `${children}; true`]);
  assert.match(stdout, /^\d+ ?\n?0\n$/); // the cat that looks
});

Deno.test("a chain that is killed takes the command that runs with it", async () => {
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

Deno.test("what the first leaves of stdin is there for the second", async () => {
  const args = ["chain", "--", "sh", "-c", "read line; echo first $line", "--", "cat"];
  assert.equal((await execvm(args, { stdin: "a\nb\nc\n" })).stdout, "first a\nb\nc\n");
});

Deno.test("nested chains run in order", async () => {
  const level = (n: number): string[] =>
    n === 0 ? ["echo", "0"] : ["execvm", "chain", "--", "echo", `${n}`, "--", ...level(n - 1)];
  assert.equal((await execvm(level(5).slice(1))).stdout, "5\n4\n3\n2\n1\n0\n");
});

Deno.test({
  ...needs("nested chains cost one start of Deno in all", "strace"),
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
    const start = COMPILED_BY === undefined ? "deno" : "execvm"; // a script is started as execvm, too
    const others = started.slice(started.indexOf(start));
    const watchdog = "sh"; // which ends what runs if execvm is killed
    assert.deepEqual(others, [start, watchdog, "true", "true", "true"]);
  },
});

Deno.test("chain tells not found by 127 and not executable by 126, for each command", async () => {
  for (const [code, program] of [[127, "no-such-command"], [126, "/etc/passwd"]] as const) {
    for (const args of [[program, "--", "true"], ["true", "--", program]]) {
      const run = await execvm(["chain", "--", ...args]);
      assert.equal(run.code, code);
      assert.match(run.stderr, /^execvm: Cannot run [^\n]+\n$/);
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

Deno.test("SIGTERM reaches the second command of a chain, which it has become", async () => {
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

Deno.test("without FFI a chain runs all the same", async () => {
  const env = { EXECVM_NO_FFI: "1" };
  const run = await execvm(["chain", "--", "echo", "a", "--", "sh", "-c", "exit 3"], { env });
  assert.deepEqual(run, { code: 3, stdout: "a\n", stderr: "" });
});
