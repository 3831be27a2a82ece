// The parts of the help pages that do not come from the options: examples, usage, exit status.

import type { Entry } from "./layout.ts";
import { EXIT_STATUS } from "./topics.ts";

/** The extra parts of the page of one subcommand. */
export interface Manual {
  /** Each example is a few lines: a comment after `#`, then the commands. */
  readonly examples: readonly (readonly string[])[];
  /** The usage lines behind the subcommand, if they are not just [OPTIONS] and arguments. */
  readonly usage?: readonly string[];
  /** The exit statuses, if they are not just 0, 2 and 125. */
  readonly exit?: readonly Entry[];
  /** The names of the environment variables that it reads. */
  readonly environment?: readonly string[];
  readonly see?: string;
}

const DOCTOR_EXIT: readonly Entry[] = [
  ["0", "Nothing required is missing"],
  ["1", "Something required is missing"],
  ["2", "Wrong usage"],
];

const RUNS = ["EXECVM_RUNNER", "EXECVM_CACHE", "DOCKER_HOST", "OTEL_DENO"];
const CACHE = ["EXECVM_CACHE"];

/**
 * The manual of each subcommand, by its words, such as `image list`; "" is that of execvm itself.
 */
export const MANUAL: Readonly<Record<string, Manual>> = {
  "": {
    examples: [
      ["# a command in a fresh virtual machine", "echo hi | execvm run -r vm -- cat"],
      ["# a pipeline from a file", "execvm plan pipeline.json && execvm pipe pipeline.json"],
      ["# what works on this machine", "execvm doctor"],
    ],
    exit: EXIT_STATUS,
    environment: RUNS,
    see:
      "execvm help SUBCOMMAND, execvm help exit-status, execvm help environment, execvm help runners",
  },
  run: {
    usage: ["[-r RUNNER] [OPTIONS] -- CMD ARG..."],
    examples: [
      ["# in a virtual machine, as in a local pipe", "echo hi | execvm run -r vm -- cat"],
      [
        "# with your own disk and root file system",
        "execvm run -r vm --root rootfs.img --device data.qcow2:/dev/vda:rw -- make",
      ],
      [
        "# a container; another host",
        "execvm run -r docker:alpine -- uname -a",
        "execvm run -r ssh:build -- uname -a",
      ],
      [
        "# on a new terminal, for at most five minutes",
        "execvm run -r vm -t --timeout 5m -- sh",
      ],
      ["# log what is started, and how long it takes", "execvm run -v -r vm -- true"],
    ],
    exit: EXIT_STATUS,
    environment: RUNS,
    see: "execvm help runners, execvm help exit-status",
  },
  pipe: {
    usage: ["[-r RUNNER] [OPTIONS] FILE|-"],
    examples: [
      [
        "# commands for which the file names no runner run in virtual machines",
        "execvm pipe -r vm pipeline.json",
      ],
      ["# a program writes the pipeline", "generate | execvm pipe -"],
      [
        "# where the time went: an HTML report, and a trace for Perfetto",
        "execvm pipe --report run.html --trace run.json pipeline.json",
      ],
    ],
    exit: EXIT_STATUS,
    environment: RUNS,
    see: "execvm help plan, which shows a pipeline and prints the JSON Schema",
  },
  plan: {
    usage: ["[-r RUNNER] [OPTIONS] FILE|-", "--schema"],
    examples: [
      [
        "# the stages, their runners, and how they are connected",
        "execvm plan -r docker:alpine pipeline.json",
      ],
      ["# the JSON Schema of pipelines", "execvm plan --schema"],
    ],
    environment: ["EXECVM_RUNNER"],
  },
  chain: {
    usage: ["[--stdout WHERE] DELIM CMD ARG... DELIM CMD ARG..."],
    examples: [
      ["# run make; if it succeeds, run cat", "execvm chain -- make -- cat pkg"],
      [
        "# send what make prints to stderr, so that stdout is the package alone",
        "execvm chain --stdout stderr -- make -- cat pkg",
      ],
      ["# chains nest", "execvm chain -- make -- execvm chain -- make test -- cat pkg"],
    ],
    exit: EXIT_STATUS,
  },
  code: {
    usage: ["--image IMAGE [OPTIONS] FILE|- [ARG...]"],
    examples: [
      [
        "# keep the files that the script writes, in the folder out",
        "execvm code --image IMAGE --timeout 10s --outputs-dir out script.py",
      ],
      [
        "# code on stdin, the result as JSON",
        "echo 'print(1)' | execvm code --image IMAGE --json -",
      ],
    ],
    exit: EXIT_STATUS,
    environment: CACHE,
    see: "execvm help image prepare",
  },
  image: { examples: [["execvm image prepare debian:bookworm", "execvm image list"]] },
  "image prepare": {
    usage: ["[OPTIONS] SOURCE"],
    examples: [
      [
        "# Docker's Python image, with numpy",
        "execvm image prepare docker:python:3.12-slim --pip numpy --network",
      ],
      [
        "# with a name, for --root and --image",
        "execvm image prepare --name py docker:python:3.12-slim",
        "execvm code --image py script.py",
      ],
      [
        "# a folder as root, with a package installed by its package manager",
        "execvm image prepare ./root --package jq --network",
      ],
    ],
    environment: [...CACHE, "EXECVM_REGISTRY_USERNAME", "EXECVM_REGISTRY_PASSWORD"],
  },
  "image list": { examples: [["execvm image list --json"]], environment: CACHE },
  "image inspect": { examples: [["execvm image inspect --files 3f2a"]], environment: CACHE },
  "image remove": {
    usage: ["NAME...", "--all"],
    examples: [["execvm image remove 3f2a"]],
    environment: CACHE,
  },
  "image prune": {
    usage: ["[--older-than AGE] [--max-size SIZE] [OPTIONS]"],
    examples: [
      [
        "# what was not used for a month, as far as it has no name",
        "execvm image prune --older-than 30d --dry-run",
        "execvm image prune --older-than 30d",
      ],
    ],
    environment: CACHE,
  },
  kernel: { examples: [["execvm kernel fetch", "execvm kernel list"]] },
  "kernel fetch": {
    examples: [
      ["# the newest kernel of the distribution", "execvm kernel fetch"],
      ["# that of another release", "execvm kernel fetch --suite trixie"],
      ["# a package of a kernel", "execvm kernel fetch --from linux-image-6.12.48_amd64.deb"],
      [
        "# a tree that was built, with the modules that it installed",
        "make modules_install INSTALL_MOD_PATH=$PWD/mods",
        "execvm kernel fetch --from . --modules mods",
      ],
    ],
    environment: CACHE,
  },
  "kernel build": {
    examples: [
      ["# on this machine", "execvm kernel build"],
      ["# in a container that has a compiler", "execvm kernel build -r docker:builder --jobs 4"],
    ],
    environment: CACHE,
  },
  "kernel use": { examples: [["execvm kernel use 6.1.0-57-cloud-amd64"]], environment: CACHE },
  "kernel remove": {
    usage: ["KERNEL..."],
    examples: [["execvm kernel remove 6.1.0-57-cloud-amd64"]],
    environment: CACHE,
  },
  "kernel list": { examples: [["execvm kernel list --json"]], environment: CACHE },
  initrd: { examples: [["execvm initrd build"]] },
  "initrd build": {
    examples: [
      ["# Alpine's newest root in place of busybox", "execvm initrd build --from alpine"],
      [
        "# for another kernel, into a file",
        "execvm initrd build --kernel bzImage --output initrd.gz",
      ],
    ],
    environment: CACHE,
  },
  template: { examples: [["execvm template list", "execvm template prune --max-size 1G"]] },
  "template list": { examples: [["execvm template list --json"]], environment: CACHE },
  "template remove": {
    usage: ["NAME...", "--all"],
    examples: [["execvm template remove 3f2a"]],
    environment: CACHE,
  },
  "template prune": {
    examples: [["execvm template prune --max-size 1G"]],
    environment: CACHE,
  },
  mcp: {
    examples: [
      [
        "# the command line for the configuration of an MCP client",
        "execvm mcp --max-timeout 2m --max-memory 1G",
      ],
      [
        "# also allow containers of one image, and files in a folder",
        "execvm mcp --allow-runner docker:alpine --files ./data",
      ],
      [
        "# also let clients prepare images of Debian, with packages",
        "execvm mcp --allow-image 'debian:*' --allow-option image:network",
      ],
    ],
    environment: CACHE,
    see: "execvm help image prepare, for the images that code runs on",
  },
  doctor: {
    examples: [
      ["execvm doctor"],
      [
        "# only the problems",
        `execvm doctor --json | jq '.findings[] | select(.state != "ok")'`,
      ],
    ],
    exit: DOCTOR_EXIT,
    environment: [...CACHE, "DOCKER_HOST"],
  },
  completions: {
    examples: [
      ["# in ~/.bashrc", "source <(execvm completions bash)"],
      ["# in ~/.zshrc, after compinit", "source <(execvm completions zsh)"],
      ["# in ~/.config/fish/config.fish", "execvm completions fish | source"],
    ],
  },
  help: {
    usage: ["[SUBCOMMAND...|TOPIC]"],
    examples: [["execvm help image prepare"], ["execvm help exit-status"]],
  },
};
