// The seed's initrd: an archive of execvm and of a root goes through a container, where the image's own
// execvm runs the commands that merge them, and comes out as cpio; then a virtual machine boots it.
//
//   initrd.ts IMAGE MINIROOTFS
//
// IMAGE has execvm at /bin/execvm, tar and mknod; MINIROOTFS is a tar.gz, such as Alpine's.

import { ensureBusybox } from "../../../guest-build/busybox.ts";
import { makeGuest } from "../../../guest-build/guest_program.ts";
import { stage } from "../../../guest-build/stage.ts";
import { chain, cpio, docker, file, gzip, tar, vm } from "../../../mod.ts";
import { findKernel } from "../../../src/kernels/find.ts";
import { print } from "../print.ts";

const [image, minirootfs] = Deno.args as [string, string];
const kernel = (await findKernel())!;
const directory = await Deno.makeTempDir({ prefix: "execvm-example-" });
try {
  await Deno.mkdir(`${directory}/execvm`);
  await stage(`${directory}/execvm`, {
    kernel,
    guest: await makeGuest(directory),
    busybox: await ensureBusybox(print),
    root: minirootfs,
    applets: [],
  });
  await Deno.copyFile(minirootfs, `${directory}/minirootfs.tar.gz`);

  const merge = chain(
    ["tar", "-xzf", "-"],
    ["mkdir", "-p", "root/dev"],
    ["tar", "-xzf", "minirootfs.tar.gz", "-C", "root"],
    ["cp", "-a", "execvm/.", "root"],
    ["mknod", "-m", "600", "root/dev/console", "c", "5", "1"],
    ["mknod", "-m", "666", "root/dev/null", "c", "1", "3"],
    ["tar", "-cf", "-", "-C", "root", "."],
  );
  await tar("execvm", "minirootfs.tar.gz", { directory, compress: "gzip" })
    .pipe(merge.cwd("/tmp").on(docker({ image, chain: "/bin/execvm" })))
    .pipe(cpio()).pipe(gzip())
    .to(file(`${directory}/initrd.gz`)).run();

  const machine = vm({ initrd: `${directory}/initrd.gz`, memoryMib: 1024 });
  print(await machine.cmd("cat", "/etc/os-release").text());
} finally {
  await Deno.remove(directory, { recursive: true });
}
