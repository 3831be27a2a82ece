import assert from "node:assert/strict";
import { EXECVM, execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

Deno.test("run passes stdin to the command and returns its stdout", async () => {
  const run = await execvm(["run", "-r", "local", "--", "cat"], { stdin: "hi\n" });
  assert.deepEqual(run, { code: 0, stdout: "hi\n", stderr: "" });
});

const LOOP = 'while read -r line; do "$@" echo "$line"; done';

for (const how of [[], ["--timeout", "20s"], ["-r", "void", "--debug"]]) {
  Deno.test(`run -n leaves stdin to the loop around it: ${how.join(" ")}`, async () => {
    for (const flag of ["-n", "--no-stdin"]) {
      const looped = [...EXECVM, "run", flag, ...how, "--"];
      const child = new Deno.Command("sh", {
        args: ["-c", LOOP, "sh", ...looped],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("1\n2\n3\n"));
      await writer.close();
      const { stdout, stderr } = await child.output();
      const said = new TextDecoder().decode(how[0] === "-r" ? stderr : stdout);
      assert.equal(said.replaceAll("echo ", ""), "1\n2\n3\n");
    }
  });
}

Deno.test("run -n gives the command an empty stdin", async () => {
  for (const how of [[], ["--timeout", "20s"], ["-t"]]) {
    const args = ["run", "-n", ...how, "--", "sh", "-c", "cat; echo end"];
    const run = await execvm(args, { stdin: "not read" });
    assert.match(run.stdout, /(^|\b)end\r?\n$/); // a terminal shows ^D before
    assert.doesNotMatch(run.stdout, /read/);
    assert.equal(run.code, 0);
  }
});

Deno.test("run exits with the exit code of the command", async () => {
  assert.equal((await execvm(["run", "--", "false"])).code, 1);
  assert.equal((await execvm(["run", "--", "sh", "-c", "exit 42"])).code, 42);
  assert.equal((await execvm(["run", "--timeout", "20s", "--", "sh", "-c", "exit 42"])).code, 42);
});

Deno.test("run exits with 128+n if the command died of signal n", async () => {
  assert.equal((await execvm(["run", "--", "sh", "-c", "kill -9 $$"])).code, 137);
  const limited = ["run", "--timeout", "20s", "--", "sh", "-c", "kill -9 $$"];
  assert.equal((await execvm(limited)).code, 137);
});

Deno.test("run exits with 127 for not found and 126 for not executable, with one line", async () => {
  for (const extra of [[], ["--timeout", "20s"]]) {
    const missing = await execvm(["run", ...extra, "--", "no-such-command"]);
    assert.deepEqual([missing.code, missing.stdout], [127, ""]);
    assert.match(missing.stderr, /^execvm: cannot run "no-such-command": [^\n]+\n$/);
    const plain = await execvm(["run", ...extra, "--", "/etc/passwd"]);
    assert.equal(plain.code, 126);
    assert.match(
      plain.stderr,
      /^execvm: cannot run "\/etc\/passwd": it is not executable[^\n]+\n$/,
    );
  }
});

Deno.test("run starts a script without #! with sh, by its path and from PATH", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/script`, `echo "$#" "$1" "$PWD"`, { mode: 0o755 });
  const env = { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
  const here = Deno.realPathSync(folder.path);
  for (const how of [[], ["--timeout", "20s"]]) {
    for (const name of ["./script", "script"]) {
      const args = ["run", ...how, "--cwd", folder.path, "--", name, "a  b", "c"];
      assert.deepEqual(await execvm(args, { env }), {
        code: 0,
        stdout: `2 a  b ${here}\n`,
        stderr: "",
      });
    }
  }
});

Deno.test("run --timeout ends the command and exits with 124", async () => {
  assert.equal((await execvm(["run", "--timeout", "200ms", "--", "sleep", "1000"])).code, 124);
});

Deno.test("run --env and --cwd apply to the command", async () => {
  using folder = tempDir();
  const print = ["sh", "-c", 'pwd; echo "$A|$B"'];
  for (const extra of [[], ["--timeout", "20s"]]) {
    const args = ["run", ...extra, "--cwd", folder.path, "--env", "A=1 2", "--env", "B=", "--"];
    const { stdout } = await execvm([...args, ...print], { env: { B: "set" } });
    assert.equal(stdout, `${Deno.realPathSync(folder.path)}\n1 2|\n`);
  }
});

Deno.test("run passes options behind -- to the command", async () => {
  assert.equal((await execvm(["run", "--", "echo", "-n", "--timeout", "x"])).stdout, "--timeout x");
});

Deno.test("run -r local becomes the command: the same process", async () => {
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), "run", "--", "sh", "-c", "echo $$"],
    stdout: "piped",
  }).spawn();
  const { pid } = child;
  const { stdout } = await child.output();
  assert.equal(Number(new TextDecoder().decode(stdout)), pid);
});

Deno.test("run -r void --debug prints the command, consumes stdin and starts nothing", async () => {
  const args = ["run", "-r", "void", "--debug", "--", "no such", "thing"];
  const run = await execvm(args, { stdin: "x".repeat(1 << 20) });
  assert.deepEqual(run, { code: 0, stdout: "", stderr: "'no such' thing\n" });
});

Deno.test("run -t gives the command a terminal", async () => {
  const { code, stdout } = await execvm(["run", "-t", "--", "sh", "-c", "test -t 0 && tty"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\/dev\/pts\/\d+\r\n$/);
});

Deno.test("the command inherits the limit of open files that execvm was started with", async () => {
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      `ulimit -S -n 123; "$@"; exit`,
      "sh",
      ...EXECVM,
      "run",
      "--",
      "sh",
      "-c",
      "ulimit -n",
    ],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "123\n");
});

Deno.test("run prints nothing when the reader of its stdout closes, like a command in a shell", async () => {
  const script = '("$@"; echo "code $?" >&2) | head -1';
  for (const extra of [[], ["--timeout", "20s"]]) {
    const { stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", script, "sh", ...EXECVM, "run", ...extra, "--", "yes"],
    }).output();
    const decoder = new TextDecoder();
    assert.equal(decoder.decode(stdout), "y\n");
    assert.equal(decoder.decode(stderr), "code 141\n");
  }
});

Deno.test("SIGTERM to run ends its command", async () => {
  const args = [...EXECVM.slice(1), "run", "--timeout", "100s", "--"];
  const child = new Deno.Command(EXECVM[0], {
    args: [...args, "sh", "-c", "echo ready; sleep 1000"],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "ready\n");
  child.kill("SIGTERM");
  assert.deepEqual((await reader.read()).done, true);
  assert.equal((await child.status).code, 143);
});
