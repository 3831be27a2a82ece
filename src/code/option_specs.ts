// The options of `runCode` on the command line.

import { type CallSpecs, parseGivenFile } from "../runners/contract/call_option.ts";
import { parseDuration } from "../runners/contract/duration.ts";
import { parseMemoryMib } from "../runners/contract/memory_size.ts";
import { parseOption } from "../runners/contract/option_spec.ts";
import { VM_OPTION_SPECS } from "../runners/vm/options.ts";
import { LANGUAGES } from "./language.ts";
import { CODE_RANGES, type OutputMode, type RunCodeOptions } from "./run_options.ts";

const LANGUAGE_NAMES = Object.keys(LANGUAGES);

/** How they are written on the command line. */
export const CODE_OPTION_SPECS = {
  language: {
    type: "string",
    summary: `what it is written in: ${LANGUAGE_NAMES.join(", ")}`,
    defaultText: "python",
    values: LANGUAGE_NAMES,
    flag: { name: "lang", placeholder: "LANGUAGE", parse: String },
  },
  argv: {
    type: "list",
    summary:
      "run it by this program in place of a language: a word of its argv, in which {code} is the " +
      "code and {file} a file of it; may be repeated",
    flag: { name: "argv", placeholder: "WORD", parse: String },
  },
  args: { noFlag: "they follow the file with the code" },
  output: {
    type: "string",
    summary: "what to take out: diff, all, none or paths",
    defaultText: "diff",
    values: ["diff", "all", "none", "paths"] satisfies OutputMode[],
    flag: { name: "output", placeholder: "MODE", parse: String },
  },
  paths: {
    type: "list",
    summary: "take out what this glob matches, for --output paths; may be repeated",
    flag: { name: "path", placeholder: "GLOB", parse: String },
  },
  outputsDir: {
    type: "string",
    summary: "where to put that; a new or empty folder. It is lost without this or --outputs-tar",
    names: "folder",
  },
  outputsTar: {
    type: "string",
    summary: "write that as a tar to this file, in place of a folder",
    names: "file",
    flag: { name: "outputsTar", placeholder: "FILE", parse: String },
  },
  files: {
    type: "map",
    summary:
      "give it a file in /workspace, where the code is too: helper.py:helper.py; may be repeated",
    names: "file",
    entry: { flag: "file", placeholder: "HOST:NAME", parse: parseGivenFile },
  },
  env: {
    type: "map",
    summary: "set a variable; may be repeated",
    entry: { flag: "env", placeholder: "NAME=VALUE", parse: parseOption },
  },
  stdin: { noFlag: "it is the stdin of execvm, unless the code comes that way" },
  warm: {
    type: "string",
    summary: "run this code before, in the template of its machine, such as: import numpy",
    flag: { name: "warm", placeholder: "CODE", parse: String },
    off: "start Python for this code, rather than have one wait in the template",
  },
  timeoutMs: {
    type: "number",
    range: CODE_RANGES.timeoutMs,
    summary: "end it after this time",
    defaultText: "1m",
    flag: { name: "timeout", placeholder: "30s", parse: parseDuration },
  },
  maxOutputBytes: {
    type: "number",
    range: CODE_RANGES.maxOutputBytes,
    summary: "bytes of stdout, and of stderr, that --json has",
    defaultText: "1048576",
  },
  memoryMib: {
    type: "number",
    range: CODE_RANGES.memoryMib,
    summary: "memory of its machine",
    defaultText: "512",
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  cpus: {
    type: "number",
    range: CODE_RANGES.cpus,
    summary: "processors of its machine",
  },
  workspaceMib: {
    type: "number",
    range: CODE_RANGES.workspaceMib,
    summary: "disk that it may write",
    defaultText: "1G",
    flag: { name: "workspace", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  user: VM_OPTION_SPECS.user,
  network: {
    type: "string",
    summary: "what it can reach: none or user",
    defaultText: "none",
    values: VM_OPTION_SPECS.network.values,
    flag: { name: "network", placeholder: "NETWORK", parse: String },
  },
  accel: {
    type: "string",
    summary: "what runs its instructions: auto, kvm or tcg",
    defaultText: VM_OPTION_SPECS.accel.defaultText,
    values: VM_OPTION_SPECS.accel.values,
    flag: { name: "accel", placeholder: "ACCEL", parse: String },
  },
  kernel: VM_OPTION_SPECS.kernel,
  initrd: VM_OPTION_SPECS.initrd,
  append: VM_OPTION_SPECS.append,
  machine: VM_OPTION_SPECS.machine,
  qemu: VM_OPTION_SPECS.qemu,
  bootTimeoutMs: VM_OPTION_SPECS.bootTimeoutMs,
  template: VM_OPTION_SPECS.template,
  onOutput: { noFlag: "stdout and stderr of the code are those of execvm" },
  observer: { noFlag: "--trace and --report make one" },
  signal: { noFlag: "a signal to execvm ends the code" },
} satisfies CallSpecs<RunCodeOptions>;
