// `deno task test:kvm [FILE..]`: tests execvm with KVM, on machines without it. Prints what failed
// and why, then `N passed, N failed`.

import { fileURLToPath } from "node:url";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { messageOf } from "../../src/model/errors.ts";
import { concludeRun, runParts } from "../harness/run_parts.ts";
import { show } from "../harness/show.ts";
import { isFile } from "../support/tools.ts";
import { ensureBaseImage } from "./base_image.ts";
import { tell } from "./tell.ts";
import { makeWorkImage } from "./work_image.ts";

/** The files to run, in this order: the first ones make what later ones need. */
const FILES = ["machines", "options", "rows"].map((name) => `tests/kvm/guest/${name}.ts`);

const OUTER_GUEST = fileURLToPath(new URL("outer_guest.ts", import.meta.url));

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(files: readonly string[]): Promise<number> {
  try {
    const missing = files.find((file) => !isFile(file));
    if (missing !== undefined) throw new Error(`cannot run ${missing}: there is no such file`);
    const { disk, kernel, initrd } = await ensureBaseImage();
    await using scratch = await scratchFolder();
    const work = `${scratch.path}/work.ext4`;
    const modules = files.length === 0 ? FILES : files;
    await makeWorkImage(work, [...modules, "tests/fixtures/run_pipeline.ts"]);
    tell("booting a Debian in which KVM is emulated: its tests take a quarter of an hour");
    const outer = ["run", "-A", OUTER_GUEST, disk, kernel, initrd, work];
    const report = await runParts([{
      title: "under KVM, which QEMU emulates",
      files: modules,
      flags: [
        "-A",
        "--no-check",
        "--cached-only",
        "--lock=deno.lock",
        "--preload=tests/support/lasting.ts",
      ],
      deno: [Deno.execPath(), ...outer],
    }], { mayNotSkip: true });
    return concludeRun(report);
  } catch (error) {
    show(messageOf(error));
    return 2;
  }
}
