// The options of the VM runner for JSON and the command line.

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
import { CONSOLE_SPEC, MODULES_SPEC } from "./kernel_options.ts";
import { COPY_OPTION_SPECS } from "../contract/copy_specs.ts";
import { parseMemoryMib } from "../contract/memory_size.ts";
import type { OptionSpec } from "../contract/option_spec.ts";

/** Their description for JSON and the command line. */
export const VM_OPTION_SPECS = {
  arch: {
    type: "string",
    summary: "architecture of the guest: x86_64 or aarch64",
    values: Object.keys(ARCHITECTURES),
    defaultText: "this machine's",
  },
  kernel: {
    type: "string",
    summary: "path of a kernel image, or release of a kernel in the cache",
    defaultText: "the one that execvm kernel list marks",
    names: "kernel",
    hostPaths: { use: "read" },
  },
  modules: MODULES_SPEC,
  console: CONSOLE_SPEC,
  initrd: {
    type: "string",
    summary: "path of the initrd",
    defaultText: "built when it is needed",
    names: "file",
    hostPaths: { use: "read" },
  },
  append: {
    type: "string",
    placeholder: "PARAMETERS",
    summary: "more parameters for the kernel command line",
  },
  cpus: {
    type: "number",
    range: VM_RANGES.cpus,
    summary: "number of processors of the guest",
    defaultText: `${VM_DEFAULTS.cpus}`,
  },
  memoryMib: {
    type: "number",
    range: VM_RANGES.memoryMib,
    summary: "memory of the guest",
    defaultText: `${VM_DEFAULTS.memoryMib}`,
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  machine: {
    type: "string",
    placeholder: "TYPE",
    summary: "QEMU's machine type",
    defaultText: "q35; virt for aarch64",
  },
  qemu: {
    type: "string",
    summary: "path of QEMU",
    defaultText: "qemu-system-ARCH",
    names: "file",
    hostPaths: { use: "run" },
  },
  accel: {
    type: "string",
    summary: "QEMU's accelerator: auto, kvm or tcg (emulation)",
    defaultText: VM_DEFAULTS.accel,
    values: ["auto", "kvm", "tcg"],
  },
  devices: {
    type: "map",
    summary: "attach a file as a disk or CD-ROM, read-only without :rw; may be repeated",
    names: "file",
    hostPaths: { use: "read", of: "keys" },
    entry: { flag: "device", placeholder: "HOST:GUEST[:rw]", parse: toDeviceEntry },
  },
  bootTimeoutMs: {
    type: "number",
    range: VM_RANGES.bootTimeoutMs,
    summary: "time limit for booting the guest, in milliseconds",
    defaultText: `${BOOT_MS}; ${FOREIGN_BOOT_MS} for another architecture`,
  },
  root: {
    type: "string",
    summary: "root file system of the command: an image by name or key, a path, docker:NAME, " +
      "oci://HOST/NAME:TAG or debian:SUITE, which is prepared first",
    defaultText: "busybox",
    names: "root",
  },
  rootWrite: { type: "boolean", summary: "let the command write to the image of the root" },
  user: {
    type: "string",
    placeholder: "USER",
    summary: "user that runs the command, such as nobody or 1000:1000",
    defaultText: "root",
  },
  network: {
    type: "string",
    summary: "network of the guest: none, or user (NAT by QEMU)",
    defaultText: "none",
    values: ["none", "user"],
  },
  template: {
    type: "boolean",
    summary: "clone machines from a template, one that has booted already",
    negatable: true,
  },
  pool: {
    type: "number",
    range: VM_RANGES.pool,
    summary: "number of machines to keep ready",
    defaultText: "0",
  },
  tty: { type: "boolean", summary: "allocate a terminal for the command", alias: "t" },
  ...COPY_OPTION_SPECS,
} satisfies Record<keyof VmOptions, OptionSpec>;

function toDeviceEntry(text: string): readonly [string, Json] {
  const [file, option] = parseDevice(text);
  return [file, typeof option === "string" ? option : { ...option }];
}
