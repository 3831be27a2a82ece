// Drives of a QEMU that runs as nobody, without FFI to pass it open files.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { DeviceOptions } from "../../mod.ts";
import { KERNEL } from "../support/kernel.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/drives_without_ffi.ts", import.meta.url));
const isRoot = Deno.uid() === 0;
const BYTES = 1 << 20;

/** The output of a command in a machine, run by a process without FFI; or its error. */
async function runWithoutFfi(devices: DeviceOptions, ...argv: string[]): Promise<string> {
  const request = JSON.stringify({ devices, argv });
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--deny-ffi", "--quiet", PROGRAM, request],
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Makes a disk that starts with `text`, in a folder that only we may enter. */
function makeDisk(folder: string, name: string, mode: number, text = ""): string {
  const path = `${folder}/${name}`;
  Deno.writeTextFileSync(path, text);
  Deno.truncateSync(path, BYTES);
  Deno.chmodSync(path, mode);
  return path;
}

Deno.test({
  ...needs("without FFI, QEMU opens drives in a closed folder", "qemu-system-x86_64", KERNEL),
  async fn() {
    using folder = tempDir();
    Deno.chmodSync(folder.path, 0o700);
    const [open, own] = [0o644, 0o600].map((mode) =>
      makeDisk(folder.path, `read-${mode}`, mode, `mode ${mode.toString(8)}`)
    );
    const written = makeDisk(folder.path, "written", 0o666);
    const devices = {
      [open!]: "/dev/vda",
      [own!]: "/dev/vdb",
      [written]: { path: "/dev/vdc", write: true },
    };
    const program = "head -c 8 /dev/vda; head -c 8 /dev/vdb; printf written >/dev/vdc; sync";
    assert.equal(await runWithoutFfi(devices, "sh", "-c", program), "mode 644mode 600");
    assert.equal(Deno.readTextFileSync(written).slice(0, 7), "written");
  },
});

Deno.test({
  ...needs(
    "without FFI, a drive that nobody may write to is an error",
    "qemu-system-x86_64",
    KERNEL,
  ),
  ...!isRoot && { ignore: true }, // then QEMU runs as us
  async fn() {
    using folder = tempDir();
    const own = makeDisk(folder.path, "own", 0o600);
    const devices = { [own]: { path: "/dev/vda", write: true } };
    assert.equal(
      await runWithoutFfi(devices, "true"),
      `cannot write to the drive ${own}: QEMU runs as user 65534 (nobody), who may not; ` +
        "with --allow-ffi it is passed the open file",
    );
    assert.equal(Deno.statSync(own).mode! & 0o777, 0o600);
  },
});
