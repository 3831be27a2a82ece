// What the pages of help have beside what the options say of themselves: examples, and what is special.

import type { Entry } from "./layout.ts";
import { EXIT_STATUS } from "./topics.ts";

/** What is said of one subcommand. */
export interface Manual {
  /** Each a few lines: what it is for, after `#`, and how it is written. */
  readonly examples: readonly (readonly string[])[];
  /** Its forms, where they are not [OPTIONS] and arguments. */
  readonly usage?: readonly string[];
  /** Exit status, where it is not just 0, 2 and 125. */
  readonly exit?: readonly Entry[];
  /** The variables that matter to it, by their names. */
  readonly environment?: readonly string[];
  readonly see?: string;
}

const DOCTOR_EXIT: readonly Entry[] = [
  ["0", "All that is required is there"],
  ["1", "Something that is required is missing"],
  ["2", "Wrong usage"],
];

const RUNS = ["EXECVM_RUNNER", "EXECVM_CACHE", "DOCKER_HOST", "OTEL_DENO"];
const CACHE = ["EXECVM_CACHE"];

/** By the words that lead to a subcommand; the empty one is execvm itself. */
export const MANUAL: Readonly<Record<string, Manual>> = {
  "": {
    examples: [
      ["# a command in a fresh virtual machine", "echo hi | execvm run -r vm -- cat"],
      ["# a pipeline that is data", "execvm plan pipeline.json && execvm pipe pipeline.json"],
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
      ["# stdio and status are cat's own", "echo hi | execvm run -r vm -- cat"],
      [
        "# a disk and a root of your own",
        "execvm run -r vm --root rootfs.img --device data.qcow2:/dev/vda:rw -- make",
      ],
      [
        "# a container; another host",
        "execvm run -r docker:alpine -- uname -a",
        "execvm run -r ssh:build -- uname -a",
      ],
      [
        "# in a terminal of its own, for at most five minutes",
        "execvm run -r vm -t --timeout 5m -- sh",
      ],
      ["# say what is started, and how long it takes", "execvm run -v -r vm -- true"],
    ],
    exit: EXIT_STATUS,
    environment: RUNS,
    see: "execvm help runners, execvm help exit-status",
  },
  pipe: {
    usage: ["[-r RUNNER] [OPTIONS] FILE|-"],
    examples: [
      [
        "# commands without a runner of their own run in virtual machines",
        "execvm pipe -r vm pipeline.json",
      ],
      ["# a program writes the pipeline", "generate | execvm pipe -"],
      [
        "# what took how long: a page for people, a trace for Perfetto",
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
      ["# stages, runners, and what joins them", "execvm plan -r docker:alpine pipeline.json"],
      ["# what a pipeline looks like in JSON", "execvm plan --schema"],
    ],
    environment: ["EXECVM_RUNNER"],
  },
  chain: {
    usage: ["[--stdout WHERE] DELIM CMD ARG... DELIM CMD ARG..."],
    examples: [
      ["# make, and if it succeeds, become cat", "execvm chain -- make -- cat pkg"],
      ["# only what cat prints is the output", "execvm chain --stdout stderr -- make -- cat pkg"],
      ["# chains nest", "execvm chain -- make -- execvm chain -- make test -- cat pkg"],
    ],
    exit: EXIT_STATUS,
  },
  code: {
    usage: ["--image IMAGE [OPTIONS] FILE|- [ARG...]"],
    examples: [
      [
        "# what it made is in out",
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
        "# Python of Docker's, with numpy",
        "execvm image prepare docker:python:3.12-slim --pip numpy --network",
      ],
      [
        "# a folder, with a package of its own package manager",
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
  kernel: { examples: [["execvm kernel fetch", "execvm kernel list"]] },
  "kernel fetch": {
    examples: [
      ["# the distribution's newest", "execvm kernel fetch"],
      ["# one of your own", "execvm kernel fetch --from bzImage"],
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
      ["# for a client that starts it by itself", "execvm mcp --max-timeout 2m --max-memory 1G"],
      [
        "# with containers of one image, and a folder",
        "execvm mcp --allow-runner docker:alpine --files ./data",
      ],
    ],
    environment: CACHE,
    see: "execvm help image prepare, for what code runs on",
  },
  doctor: {
    examples: [
      ["execvm doctor"],
      [
        "# what is not as it should be",
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
