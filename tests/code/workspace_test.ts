// The folders that code writes to, and their owners, in real machines.

import assert from "node:assert/strict";
import {
  type CodeResult,
  type Image,
  prepareImage,
  runCode,
  type RunCodeOptions,
} from "../../mod.ts";
import { tempDir } from "../support/temp_dir.ts";
import { codeTest, makePythonRoot } from "./fixture.ts";

async function run(
  image: Image,
  code: string,
  options: RunCodeOptions = {},
): Promise<CodeResult> {
  using folder = tempDir();
  const outputsDir = `${folder.path}/outputs`;
  const result = await runCode(image, code, { accel: "tcg", ...options, outputsDir });
  assert.equal(result.outputsFailure, null);
  return result;
}

/** The changes as lines, with their owners. */
function changesOf({ artifacts }: CodeResult): string[] {
  return artifacts.map(({ change, path, uid, gid }) => `${change} ${path} ${uid}:${gid}`);
}

const MOVES = `
import os, socket, tempfile
fd, name = tempfile.mkstemp()
os.close(fd)
os.replace(name, "out.csv")
os.link("out.csv", "/tmp/again.csv")
os.mkdir("/tmp/d")
os.rename("/tmp/d", "d")
os.rename("out.csv", "/opt.csv")
print(os.path.islink("/tmp"), oct(os.stat("/tmp").st_mode), sorted(os.listdir(".")))
try: os.rename("/usr", "/other")
except OSError as error: print(error.strerror)
print(socket.gethostbyname("localhost"), socket.gethostbyname(socket.gethostname()))
`;

codeTest("the folders of code behave as on any machine", async (test) => {
  using folder = tempDir();
  const root = await makePythonRoot(`${folder.path}/root`);
  for (const path of ["tmp/of the image", "workspace/of the image", "etc/hosts"]) {
    Deno.mkdirSync(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${root}/${path}`, "");
  }
  const image = await prepareImage({ from: root });

  await test.step("/tmp and /workspace are one mount; /tmp is not an output", async () => {
    const result = await run(image, MOVES);
    assert.equal(result.stderr, "");
    assert.deepEqual(result.stdout.trim().split("\n"), [
      "False 0o41777 ['d', 'main.py']",
      "Invalid cross-device link",
      "127.0.0.1 127.0.1.1",
    ]);
    assert.deepEqual(changesOf(result), ["created /opt.csv 0:0", "created /workspace/d 0:0"]);
  });

  await test.step("files in /tmp can be kept by name", async () => {
    const code = "import os; print(os.listdir('/tmp'), os.listdir('.')); open('/tmp/a', 'w')";
    const some = await run(image, code, { output: "paths", paths: ["/tmp/*"] });
    assert.equal(some.stdout, "['of the image'] ['main.py']\n");
    assert.deepEqual(changesOf(some), ["created /tmp/a 0:0"]);
    const other = await run(image, code, { output: "paths", paths: ["/**/a"] });
    assert.deepEqual(changesOf(other), []);
  });

  await test.step("a removed workspace is reported", async () => {
    const files = { "in/a": new TextEncoder().encode("given") };
    const code = "import os, shutil; os.chdir('/'); shutil.rmtree('/workspace')";
    assert.deepEqual(changesOf(await run(image, code, { files })), [
      "deleted /workspace 0:0",
      "deleted /workspace/in 0:0",
      "deleted /workspace/in/a 0:0",
      "deleted /workspace/main.py 0:0",
    ]);
  });
});

const LOOK = `
import os
print(os.getuid(), os.getgid(), os.getgroups(), os.environ["HOME"], os.environ.get("USER"))
open("in/given", "a").write("more")
open("made", "w").close()
open("/tmp/made", "w").close()
try: open("/etc/passwd", "a")
except OSError as error: print(error.strerror)
`;

codeTest("runCode() runs code as the given user", async (test) => {
  using folder = tempDir();
  const root = await makePythonRoot(`${folder.path}/root`);
  Deno.writeTextFileSync(`${root}/etc/passwd`, "app:x:1000:1001::/home/app:/bin/sh\n");
  Deno.writeTextFileSync(`${root}/etc/group`, "more:x:2000:app\n");
  const image = await prepareImage({ from: root });
  const encoder = new TextEncoder();
  const files = { "in/given": encoder.encode("given"), "in/kept": encoder.encode("kept") };

  await test.step("which owns the workspace and the given files", async () => {
    for (const warm of ["", false] as const) {
      const result = await run(image, LOOK, { user: "app", files, warm });
      assert.equal(result.stdout, "1000 1001 [2000] /home/app app\nPermission denied\n");
      assert.deepEqual(changesOf(result), [
        "changed /workspace/in/given 1000:1001",
        "created /workspace/made 1000:1001",
      ]);
    }
  });

  await test.step("each user separately", async () => {
    const code = "import os; print(os.getuid(), os.stat('.').st_uid, os.access('/etc', os.W_OK))";
    assert.equal((await run(image, code)).stdout, "0 0 True\n");
    assert.equal((await run(image, code, { user: "77:78" })).stdout, "77 77 False\n");
    const shell = await run(image, "id -u; id -g; echo > a", { language: "sh", user: "77:78" });
    assert.equal(shell.stdout, "77\n78\n");
    assert.deepEqual(changesOf(shell), ["created /workspace/a 77:78"]);
  });

  await test.step("an unknown user is an error, and nothing has run", async () => {
    await assert.rejects(
      run(image, "print(1)", { user: "nobody" }),
      /cannot run as the user "nobody": \/etc\/passwd has no "nobody"/,
    );
  });
});
