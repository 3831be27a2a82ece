// The options of the VM runner, in JSON and on the command line.

import { parseDevice } from "../../disks/devices.ts";
import { ARCHITECTURES } from "../../machine/architectures.ts";
import type { Json } from "../../model/nodes.ts";
import {
  BOOT_MS,
  FOREIGN_BOOT_MS,
  VM_DEFAULTS,
  VM_RANGES,
  type VmOptions,
} from "../../vm/options.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import type { OptionSpec } from "../contract/option_spec.ts";

/** How they are written in JSON and on the command line. */
export const VM_OPTION_SPECS = {
  arch: {
    type: "string",
    summary: "what its processor is of: x86_64 or aarch64",
    values: Object.keys(ARCHITECTURES),
    defaultText: "that of this machine",
  },
  kernel: {
    type: "string",
    summary: "path of the kernel",
    defaultText: "the first of execvm kernel list",
    names: "file",
  },
  initrd: {
    type: "string",
    summary: "path of the initrd",
    defaultText: "one that is built when it is needed",
    names: "file",
  },
  append: { type: "string", summary: "more words for the kernel command line" },
  cpus: {
    type: "number",
    range: VM_RANGES.cpus,
    summary: "processors of the guest",
    defaultText: `${VM_DEFAULTS.cpus}`,
  },
  memoryMib: {
    type: "number",
    range: VM_RANGES.memoryMib,
    summary: "memory of the guest",
    defaultText: `${VM_DEFAULTS.memoryMib}`,
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  machine: { type: "string", summary: "QEMU's machine type", defaultText: "q35; of aarch64 virt" },
  qemu: {
    type: "string",
    summary: "QEMU's program",
    defaultText: "qemu-system-ARCH",
    names: "file",
  },
  accel: {
    type: "string",
    summary: "what runs the guest's instructions: auto, kvm or tcg",
    defaultText: VM_DEFAULTS.accel,
    values: ["auto", "kvm", "tcg"],
  },
  devices: {
    type: "map",
    summary: "a file as a disk or cdrom of the guest; may be repeated",
    names: "file",
    entry: { flag: "device", placeholder: "HOST:GUEST[:rw]", parse: toDeviceEntry },
  },
  bootTimeoutMs: {
    type: "number",
    range: VM_RANGES.bootTimeoutMs,
    summary: "milliseconds that the guest has to boot",
    defaultText: `${BOOT_MS}; of another architecture ${FOREIGN_BOOT_MS}`,
  },
  root: {
    type: "string",
    summary: "image or folder that is the root of the command",
    defaultText: "busybox and its commands",
    names: "file",
  },
  rootWrite: { type: "boolean", summary: "write to the image of the root" },
  user: {
    type: "string",
    summary: "who runs the command, such as nobody or 1000:1000",
    defaultText: "root",
  },
  network: {
    type: "string",
    summary: "what the guest can reach: none or user",
    defaultText: "none",
    values: ["none", "user"],
  },
  template: {
    type: "boolean",
    summary: "clone machines from one that has booted",
    negatable: true,
  },
  pool: {
    type: "number",
    range: VM_RANGES.pool,
    summary: "how many machines to keep ready",
    defaultText: "0",
  },
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
} satisfies Record<keyof VmOptions, OptionSpec>;

function toDeviceEntry(text: string): readonly [string, Json] {
  const [file, option] = parseDevice(text);
  return [file, typeof option === "string" ? option : { ...option }];
}
