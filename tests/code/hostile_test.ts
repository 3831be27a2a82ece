// Hostile code in real machines: what it can see, reach and leave behind.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type CodeResult, type Image, prepareImage, runCode } from "../../mod.ts";
import { tempDir } from "../support/temp_dir.ts";
import { codeTest, makePythonRoot } from "./fixture.ts";

const SECRET = `secret-${crypto.randomUUID()}`;

/** Where a run puts its outputs, and the rest of that folder: nothing may appear next to them. */
async function attack(
  image: Image,
  code: string,
  look: (result: CodeResult, outputs: string) => void,
): Promise<void> {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/beside`, SECRET);
  const outputsDir = `${folder.path}/outputs`;
  const result = await runCode(image, code, { accel: "tcg", outputsDir, timeoutMs: 30_000 });
  look(result, outputsDir);
  const made = result.outputsDir === null ? [] : ["outputs"];
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assert.deepEqual(names.sort(), ["beside", ...made]);
  assert.equal(Deno.readTextFileSync(`${folder.path}/beside`), SECRET);
}

/** Prints what it can see of a network, of devices, and of this machine. */
const SEE = `
import os, socket, glob
print(os.listdir("/sys/class/net"))
print([c for c in glob.glob("/sys/bus/pci/devices/*/class") if open(c).read().startswith("0x02")])
try: socket.create_connection(("10.0.2.2", 80), 3)
except OSError as e: print(type(e).__name__, e.errno)
print(sorted(os.environ))
texts = [open(p, "rb").read() for p in ["/proc/cmdline", "/proc/1/environ", "/proc/mounts"]]
for path in glob.glob("/sys/class/dmi/id/*") + glob.glob("/sys/firmware/qemu_fw_cfg/by_name/**/raw", recursive=True):
    try: texts.append(open(path, "rb").read())
    except OSError: pass
print(b"".join(texts).decode("latin1"))
`;

/** Tries to change the image, and to write to the ports in the guest's name. */
const REACH = `
import os, errno, glob
def attempt(what, act):
    try: act(); print(what, "succeeded")
    except OSError as e: print(what, errno.errorcode[e.errno])
def write(path):
    with open(path, "r+b", 0) as f: f.write(b"x" * 4096)
attempt("image", lambda: write("/dev/execvm-root"))
for port in sorted(glob.glob("/dev/vport*")): attempt("port", lambda: os.open(port, os.O_RDWR))
attempt("init", lambda: os.kill(1, 9))
print("alive")
`;

/** Leaves files that could harm a program that unpacks them. */
const TRAPS = `
import os, socket, stat
os.symlink("/etc/passwd", "absolute")
os.symlink("../../../../../../etc/passwd", "relative")
os.symlink("..", "up"); os.makedirs("d")
os.symlink("/etc", "folder-link")
os.symlink("inside", "fine"); open("inside", "w").write("inside")
os.link("inside", "second")
os.mknod("device", stat.S_IFBLK | 0o666, os.makedev(8, 0))
os.mknod("null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.mkfifo("fifo"); socket.socket(socket.AF_UNIX).bind("socket")
open("n" * 255, "w"); open("new\\nline", "w"); open("-rf", "w"); open("\\x1b[2J", "w")
open(b"\\xff\\xfe", "w")
open("setuid", "w"); os.chmod("setuid", 0o6777)
open("sparse", "w").truncate(2 ** 42)
deep = os.getcwd()
for _ in range(30):
    os.mkdir("x" * 200); os.chdir("x" * 200)
open("bottom", "w")
`;

/**
 * Code that overwrites the mounted disk and resets the machine, so that the kernel cannot write the
 * disk again.
 */
const OVERWRITE = (bytes: string, from: number, count: number) => `
import os
os.sync()
data = ${bytes}
with open("/dev/execvm-workspace", "r+b", 0) as f:
    f.seek(${from}); [f.write(data) for _ in range(${count})]; os.fsync(f.fileno())
print("done", flush=True)
open("/proc/sysrq-trigger", "w").write("b")
`;

codeTest("hostile code stays in its machine", async (test) => {
  using folder = tempDir();
  const image = await prepareImage({ from: await makePythonRoot(`${folder.path}/root`) });
  const sha256 = () => createHash("sha256").update(Deno.readFileSync(image.path)).digest("hex");
  const before = sha256();

  await test.step("it sees no network and nothing of this machine", async () => {
    Deno.env.set("EXECVM_TEST_SECRET", SECRET);
    await attack(image, SEE, ({ stdout, exitStatus, stderr }) => {
      assert.equal(exitStatus, 0, stderr);
      const [interfaces, devices, connected, variables, ...rest] = stdout.split("\n");
      assert.equal(interfaces, "['lo']");
      assert.equal(devices, "[]");
      assert.equal(connected, "OSError 101"); // ENETUNREACH
      assert.doesNotMatch(variables!, /EXECVM|SECRET/);
      for (const fact of [SECRET, folder.path, image.path, Deno.env.get("HOME")!, Deno.cwd()]) {
        if (fact !== "/root") assert.ok(!rest.join("\n").includes(fact), fact);
      }
    });
    Deno.env.delete("EXECVM_TEST_SECRET");
  });

  await test.step("it can neither change the image, nor use the ports, nor kill the init", async () => {
    await attack(image, REACH, ({ stdout, exitStatus }) => {
      assert.equal(exitStatus, 0);
      assert.match(
        stdout,
        /^image (EPERM|EROFS|EACCES)\n(port EBUSY\n){4}init succeeded\nalive\n$/,
      );
    });
    assert.equal(sha256(), before);
  });

  await test.step("what it leaves behind does not affect this machine", async () => {
    await attack(image, TRAPS, ({ leftOut, outputsFailure, exitStatus, stderr }, outputs) => {
      assert.equal(exitStatus, 0, stderr);
      assert.equal(outputsFailure, null);
      const root = `${outputs}/files/workspace`;
      const left = new Map(leftOut.map(({ path, why }) => [path.slice("/workspace/".length), why]));
      for (
        const name of ["device", "null", "fifo", "socket", "absolute", "folder-link", "sparse"]
      ) {
        assert.ok(left.has(name), `${name} is there`);
        assert.throws(() => Deno.lstatSync(`${root}/${name}`), Deno.errors.NotFound, name);
      }
      assert.deepEqual(leadingOut(outputs, outputs), []);
      assert.equal(Deno.readTextFileSync(`${root}/second`), "inside");
      assert.equal(Deno.readLinkSync(`${root}/fine`), "inside");
      assert.equal(Deno.lstatSync(`${root}/setuid`).mode! & 0o7000, 0);
    });
  });

  const overwrites = [
    ["zeros over its start", OVERWRITE("bytes(2 ** 20)", 0, 8)],
    ["noise over its start", OVERWRITE("os.urandom(2 ** 20)", 0, 8)],
    ["noise behind the superblock", OVERWRITE("os.urandom(2 ** 20)", 4096, 64)],
  ] as const;
  for (const [name, code] of overwrites) {
    await test.step(`${name} of its disk loses its outputs, and nothing else`, async () => {
      await attack(image, code, ({ stdout, failure, outputsFailure, artifacts }) => {
        assert.equal(stdout, "done\n");
        assert.ok(failure !== null);
        assert.match(outputsFailure ?? "", /^cannot read the workspace: [^\n]+$/);
        assert.deepEqual(artifacts, []);
      });
    });
  }

  await test.step("the image is unchanged, bit for bit, and runs code as before", async () => {
    assert.equal(sha256(), before);
    await attack(image, "print(1)", ({ stdout }) => assert.equal(stdout, "1\n"));
  });
});

/**
 * The links below a folder that lead out of it, and entries that are neither file, folder nor link.
 */
function leadingOut(folder: string, top: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    const path = `${folder}/${name}`;
    const { isSymlink, isDirectory, isFile } = Deno.lstatSync(path);
    if (isDirectory) return leadingOut(path, top);
    if (!isSymlink) return isFile ? [] : [path];
    const target = new URL(Deno.readLinkSync(path), `file://${path}`).pathname;
    return target.startsWith(`${top}/`) ? [] : [path];
  });
}
