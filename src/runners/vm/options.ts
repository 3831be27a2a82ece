// The options of the VM runner, in JSON and on the command line.

import { parseDevice } from "../../disks/devices.ts";
import { ARCHITECTURES } from "../../machine/architectures.ts";
import type { Json } from "../../model/nodes.ts";
import { BOOT_MS, FOREIGN_BOOT_MS, VM_DEFAULTS, type VmOptions } from "../../vm/options.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import type { OptionSpec } from "../contract/option_spec.ts";

/** How they are written in JSON and on the command line. */
export const VM_OPTION_SPECS = {
  arch: {
    type: "string",
    brief: "what its processor is of: x86_64 or aarch64",
    values: Object.keys(ARCHITECTURES),
    otherwise: "that of this machine",
  },
  kernel: {
    type: "string",
    brief: "path of the kernel",
    otherwise: "the first of execvm kernel list",
    names: "file",
  },
  initrd: {
    type: "string",
    brief: "path of the initrd",
    otherwise: "one that is built when it is needed",
    names: "file",
  },
  append: { type: "string", brief: "more words for the kernel command line" },
  cpus: { type: "number", brief: "processors of the guest", otherwise: `${VM_DEFAULTS.cpus}` },
  memoryMib: {
    type: "number",
    brief: "memory of the guest",
    otherwise: `${VM_DEFAULTS.memoryMib}`,
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  machine: { type: "string", brief: "QEMU's machine type", otherwise: "q35; of aarch64 virt" },
  qemu: {
    type: "string",
    brief: "QEMU's program",
    otherwise: "qemu-system-ARCH",
    names: "file",
  },
  accel: {
    type: "string",
    brief: "what runs the guest's instructions: auto, kvm or tcg",
    otherwise: VM_DEFAULTS.accel,
    values: ["auto", "kvm", "tcg"],
  },
  devices: {
    type: "map",
    brief: "a file as a disk or cdrom of the guest; may be repeated",
    names: "file",
    entry: { flag: "device", placeholder: "HOST:GUEST[:rw]", parse: toDeviceEntry },
  },
  bootTimeoutMs: {
    type: "number",
    brief: "milliseconds that the guest has to boot",
    otherwise: `${BOOT_MS}; of another architecture ${FOREIGN_BOOT_MS}`,
  },
  root: {
    type: "string",
    brief: "image or folder that is the root of the command",
    otherwise: "busybox and its commands",
    names: "file",
  },
  rootWrite: { type: "boolean", brief: "write to the image of the root" },
  network: {
    type: "string",
    brief: "what the guest can reach: none or user",
    otherwise: "none",
    values: ["none", "user"],
  },
  template: { type: "boolean", brief: "clone machines from one that has booted", isOn: true },
  pool: { type: "number", brief: "how many machines to keep ready", otherwise: "0" },
  tty: { type: "boolean", brief: "give the command a terminal of its own", alias: "t" },
} satisfies Record<keyof VmOptions, OptionSpec>;

function toDeviceEntry(text: string): readonly [string, Json] {
  const [file, option] = parseDevice(text);
  return [file, typeof option === "string" ? option : { ...option }];
}
