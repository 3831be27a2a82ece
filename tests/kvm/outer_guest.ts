// Runs a command in the outer guest: a Debian in a QEMU that emulates a processor with AMD's SVM,
// so that it has a working /dev/kvm. `outer_guest.ts DISK KERNEL INITRD WORK_DISK ARG..` runs `deno
// ARG..` in the checkout there, with its stdout and stderr as stdout; neither disk is changed.

import { killWithUs } from "../../src/host/watchdog.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { INIT_PATH } from "./base_image.ts";

/**
 * `max` has SVM. One processor: with two, and QEMU 7.2.22, the outer guest panicked once in five
 * runs.
 */
const HARDWARE = ["-machine", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "1"] as const;
const MEMORY_MIB = 6144;

const KERNEL_LINE = [
  "console=ttyS0",
  "root=/dev/vda",
  "rw",
  `init=${INIT_PATH}`,
  "panic=-1",
  "no_timer_check",
  "quiet",
].join(" ");

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const [disk, kernel, initrd, work, ...argv] = args as [string, string, string, string];
  await using scratch = await scratchFolder();
  const [status, console_, words] = ["status", "console", "argv"]
    .map((name) => `${scratch.path}/${name}`);
  Deno.writeTextFileSync(words!, ["deno", ...argv].join("\0"));
  const child = new Deno.Command("qemu-system-x86_64", {
    args: [
      ...HARDWARE,
      ...["-m", `${MEMORY_MIB}M`, "-nodefaults", "-display", "none", "-no-reboot"],
      ...["-kernel", kernel, "-initrd", initrd, "-append", KERNEL_LINE],
      ...[disk, work].flatMap((file) => [
        "-drive",
        `file=${file},if=virtio,format=raw,snapshot=on`,
      ]),
      ...["-serial", `file:${console_}`, "-serial", "stdio", "-serial", `file:${status}`],
      ...["-fw_cfg", `name=opt/execvm/argv,file=${words}`],
    ],
    stdin: "null",
  }).spawn();
  using _cleanup = killWithUs({ process: child.pid });
  await child.status;
  const code = Deno.readTextFileSync(status!).trim();
  if (code !== "") return code === "0" ? 0 : 1;
  const shown = Deno.readTextFileSync(console_!).split("\n").slice(-20).join("\n");
  Deno.stderr.writeSync(
    new TextEncoder().encode(`the outer guest ended too early; its console:\n${shown}\n`),
  );
  return 125;
}
