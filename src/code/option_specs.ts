// The options of `runCode` on the command line.

import type { OutputMode } from "../model/code_result.ts";
import { type CallSpecs, parseGivenFile } from "../runners/contract/call_option.ts";
import { parseDuration } from "../runners/contract/duration.ts";
import { parseMemoryMib } from "../runners/contract/memory_size.ts";
import { parseOption } from "../runners/contract/option_spec.ts";
import { VM_OPTION_SPECS } from "../runners/vm/options.ts";
import { LANGUAGES } from "./language.ts";
import { CODE_RANGES, type RunCodeOptions } from "./run_options.ts";

const LANGUAGE_NAMES = Object.keys(LANGUAGES);

/** How they are written on the command line. */
export const CODE_OPTION_SPECS = {
  language: {
    type: "string",
    summary: `language of the code: ${LANGUAGE_NAMES.join(", ")}`,
    defaultText: "python",
    values: LANGUAGE_NAMES,
    flag: { name: "lang", placeholder: "LANGUAGE", parse: String },
  },
  argv: {
    type: "list",
    summary:
      "a word of the command that runs the code, in place of --lang; {code} stands for the code, {file} " +
      "for a file with it; may be repeated",
    flag: { name: "argv", placeholder: "WORD", parse: String },
  },
  args: { noFlag: "they follow the file with the code" },
  output: {
    type: "string",
    summary: "which files to keep: diff (what the code changed), all, none or paths",
    defaultText: "diff",
    values: ["diff", "all", "none", "paths"] satisfies OutputMode[],
    flag: { name: "output", placeholder: "MODE", parse: String },
  },
  paths: {
    type: "list",
    summary: "keep the files that match this glob, for --output paths; may be repeated",
    flag: { name: "path", placeholder: "GLOB", parse: String },
  },
  outputsDir: {
    type: "string",
    summary: "new or empty folder for the kept files; without this or --outputs-tar they are lost",
    names: "folder",
  },
  outputsTar: {
    type: "string",
    summary: "write the kept files to this tar, in place of a folder",
    names: "file",
    flag: { name: "outputsTar", placeholder: "FILE", parse: String },
  },
  files: {
    type: "map",
    summary:
      "put a file into /workspace, next to the code, such as helper.py:helper.py; may be repeated",
    names: "file",
    entry: { flag: "file", placeholder: "HOST:NAME", parse: parseGivenFile },
  },
  env: {
    type: "map",
    summary: "set an environment variable of the code; may be repeated",
    entry: { flag: "env", placeholder: "NAME=VALUE", parse: parseOption },
  },
  stdin: { noFlag: "it is the stdin of execvm, unless the code comes that way" },
  warm: {
    type: "string",
    summary:
      "code to run once in the template from which machines are cloned, such as: import numpy",
    flag: { name: "warm", placeholder: "CODE", parse: String },
    off: "start a new Python for this code in place of the one that waits in the template",
  },
  timeoutMs: {
    type: "number",
    range: CODE_RANGES.timeoutMs,
    summary: "end the code after this time",
    defaultText: "1m",
    flag: { name: "timeout", placeholder: "30s", parse: parseDuration },
  },
  maxOutputBytes: {
    type: "number",
    range: CODE_RANGES.maxOutputBytes,
    summary: "maximum bytes of stdout, and of stderr, in the result of --json",
    defaultText: "1048576",
  },
  memoryMib: {
    type: "number",
    range: CODE_RANGES.memoryMib,
    summary: "memory of the machine",
    defaultText: "512",
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  cpus: {
    type: "number",
    range: CODE_RANGES.cpus,
    summary: "number of processors of the machine",
  },
  workspaceMib: {
    type: "number",
    range: CODE_RANGES.workspaceMib,
    summary: "disk space that the code may write",
    defaultText: "1G",
    flag: { name: "workspace", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  user: VM_OPTION_SPECS.user,
  network: {
    type: "string",
    summary: "network of the machine: none, or user (NAT by QEMU)",
    defaultText: "none",
    values: VM_OPTION_SPECS.network.values,
    flag: { name: "network", placeholder: "NETWORK", parse: String },
  },
  accel: {
    type: "string",
    summary: "QEMU's accelerator: auto, kvm or tcg (emulation)",
    defaultText: VM_OPTION_SPECS.accel.defaultText,
    values: VM_OPTION_SPECS.accel.values,
    flag: { name: "accel", placeholder: "ACCEL", parse: String },
  },
  kernel: VM_OPTION_SPECS.kernel,
  modules: VM_OPTION_SPECS.modules,
  initrd: VM_OPTION_SPECS.initrd,
  append: VM_OPTION_SPECS.append,
  machine: VM_OPTION_SPECS.machine,
  qemu: VM_OPTION_SPECS.qemu,
  bootTimeoutMs: VM_OPTION_SPECS.bootTimeoutMs,
  template: VM_OPTION_SPECS.template,
  onProgress: { noFlag: "the steps are shown on stderr" },
  onOutput: { noFlag: "stdout and stderr of the code are those of execvm" },
  observer: { noFlag: "--trace and --report make one" },
  signal: { noFlag: "a signal to execvm ends the code" },
} satisfies CallSpecs<RunCodeOptions>;
