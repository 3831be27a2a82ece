// The options of `prepareImage` on the command line.

import type { DebianOptions, RegistryOptions } from "../images/root_source.ts";
import { type CallSpecs, parseGivenFile } from "../runners/contract/call_option.ts";
import { parseDuration } from "../runners/contract/duration.ts";
import { parseMemoryMib } from "../runners/contract/memory_size.ts";
import { IMAGE_FORMATS } from "./image_format.ts";
import { type PipOptions, PREPARE_RANGES, type PrepareOptions } from "./prepare_options.ts";

const PIP_OPTION_SPECS = {
  requirements: {
    type: "list",
    summary: "install a Python wheel with the pip of the image; may be repeated",
    flag: { name: "pip", placeholder: "NAME==1.0", parse: String },
  },
  wheels: {
    type: "string",
    summary: "folder to take wheels from, in place of an index",
    names: "folder",
  },
  index: {
    type: "string",
    summary: "index to take wheels from",
    flag: { name: "index", placeholder: "URL", parse: String },
  },
} satisfies CallSpecs<PipOptions>;

const DEBIAN_OPTION_SPECS = {
  mirror: {
    type: "string",
    summary: "Debian mirror for debian:SUITE",
    flag: { name: "mirror", placeholder: "URL", parse: String },
  },
  include: {
    type: "list",
    summary: "packages that mmdebstrap adds to debian:SUITE; may be repeated",
    flag: { name: "include", placeholder: "NAME,..", parse: String, separator: "," },
  },
  variant: {
    type: "string",
    summary: "base set of packages of debian:SUITE: a --variant of mmdebstrap",
    defaultText: "minbase",
    flag: { name: "variant", placeholder: "NAME", parse: String },
  },
} satisfies CallSpecs<DebianOptions>;

const REGISTRY_OPTION_SPECS = {
  username: { noFlag: "EXECVM_REGISTRY_USERNAME sets it, next to the password" },
  password: { noFlag: "EXECVM_REGISTRY_PASSWORD sets it: all users can read a command line" },
  insecure: { type: "boolean", summary: "use plain HTTP for the registry of oci://HOST/NAME" },
} satisfies CallSpecs<RegistryOptions>;

/** How they are written on the command line. */
export const PREPARE_OPTION_SPECS = {
  from: { noFlag: "it is the argument" },
  packages: {
    type: "list",
    summary: "install packages with the package manager of the image; may be repeated",
    flag: { name: "package", placeholder: "NAME,..", parse: String, separator: "," },
  },
  pip: { fields: PIP_OPTION_SPECS },
  files: {
    type: "map",
    summary: "copy a file of this machine into the image; may be repeated",
    names: "file",
    entry: { flag: "file", placeholder: "HOST:GUEST", parse: parseGivenFile },
  },
  run: {
    type: "list",
    summary: "run a command with the sh of the image; may be repeated",
    flag: { name: "run", placeholder: "SCRIPT", parse: (script) => ["sh", "-c", script] },
  },
  network: {
    type: "boolean",
    summary: "give the steps a network, which packages and an index need",
  },
  name: {
    type: "string",
    summary: "name of the image, which moves to it if another has it; --root and --image take it",
    flag: { name: "name", placeholder: "NAME", parse: String },
  },
  cacheKey: {
    type: "string",
    summary: "like --name, but take an image that has the name as it is, whatever its inputs",
    flag: { name: "cacheKey", placeholder: "NAME", parse: String },
  },
  refresh: {
    type: "boolean",
    summary: "make the image again, from its source as that is now, even if the cache has it",
  },
  platform: {
    type: "string",
    summary: "platform of an OCI or Docker image",
    flag: { name: "platform", placeholder: "linux/amd64", parse: String },
  },
  reference: {
    type: "string",
    summary: "name or tag of the image in an OCI layout or archive that has several",
    flag: { name: "reference", placeholder: "NAME", parse: String },
  },
  docker: {
    type: "string",
    summary: "program with docker's command line, for docker:NAME",
    defaultText: "docker",
    names: "file",
  },
  debian: { fields: DEBIAN_OPTION_SPECS },
  registry: { fields: REGISTRY_OPTION_SPECS },
  format: {
    type: "string",
    summary: "file system of the image",
    defaultText: "squashfs",
    values: IMAGE_FORMATS,
    flag: { name: "format", placeholder: "FORMAT", parse: String },
  },
  sizeMib: {
    type: "number",
    range: PREPARE_RANGES.sizeMib,
    summary: "disk space that the steps may write",
    defaultText: "8G",
    flag: { name: "size", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  memoryMib: {
    type: "number",
    range: PREPARE_RANGES.memoryMib,
    summary: "memory of the machine that runs the steps",
    defaultText: "1G",
    flag: { name: "memory", placeholder: "MIB|2G", parse: parseMemoryMib },
  },
  cpus: {
    type: "number",
    range: PREPARE_RANGES.cpus,
    summary: "number of processors of that machine",
    defaultText: "1",
  },
  accel: {
    type: "string",
    summary: "QEMU's accelerator: auto, kvm or tcg (emulation)",
    defaultText: "auto",
    values: ["auto", "kvm", "tcg"],
    flag: { name: "accel", placeholder: "ACCEL", parse: String },
  },
  stepTimeoutMs: {
    type: "number",
    range: PREPARE_RANGES.stepTimeoutMs,
    summary: "time limit of a step",
    defaultText: "30m",
    flag: { name: "stepTimeout", placeholder: "10m", parse: parseDuration },
  },
  onProgress: { noFlag: "the steps are shown on stderr" },
  signal: { noFlag: "a signal to execvm cancels it" },
} satisfies CallSpecs<PrepareOptions>;
