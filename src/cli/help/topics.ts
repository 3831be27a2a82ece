// What all subcommands share: exit status, environment, runners.

import { RUNNER_TYPES } from "../../runners/mod.ts";
import { RUNNER_VARIABLE } from "../flags/runner_flags.ts";
import type { Topic } from "./help_topics.ts";
import type { Entry, Section } from "./layout.ts";

/** What the exit status of execvm says. */
export const EXIT_STATUS: readonly Entry[] = [
  ["0", "All went well"],
  ["1 to 123", "The command's own; those above too, where a command exits with them"],
  ["2", "Wrong usage, or FILE is no pipeline: nothing was started"],
  ["124", "Its time was over (--timeout)"],
  ["125", "execvm itself, or the runner, failed: nothing is known of the command"],
  ["126", "The command was found but cannot be executed"],
  ["127", "The command was not found"],
  ["128+n", "The command died of signal n; 141 is a reader that left, 143 a SIGTERM"],
];

/** The variables that execvm reads. */
export const ENVIRONMENT: readonly Entry[] = [
  [
    RUNNER_VARIABLE,
    "What -r is when it is not given, such as vm or ssh:HOST; for run, pipe and plan",
  ],
  [
    "EXECVM_CACHE",
    "Folder of kernels, initrds, images and templates (default: execvm in XDG_CACHE_HOME, which is " +
    "~/.cache unless set); it may be read-only once it has what is needed",
  ],
  ["EXECVM_REGISTRY_USERNAME", "Name for image registries, with EXECVM_REGISTRY_PASSWORD"],
  ["EXECVM_REGISTRY_PASSWORD", "Password or token for image registries"],
  ["DOCKER_HOST", "Docker's engine, as docker itself reads it"],
  [
    "OTEL_DENO",
    "If it is true, runs, stages and phases are spans of OpenTelemetry, as Deno exports them",
  ],
  ["COLUMNS", "How wide help is (default: the terminal, else 80)"],
  ["NO_COLOR", "If it is not empty, titles of help are not bold"],
];

/** The page of a topic. */
export function topicPage(topic: Topic): readonly Section[] {
  return PAGES[topic];
}

const PAGES: Readonly<Record<Topic, readonly Section[]>> = {
  "exit-status": [
    { title: "EXIT STATUS", body: [{ entries: EXIT_STATUS }] },
    {
      title: "WHICH STAGE DECIDES",
      body: [
        "The rightmost stage of a pipeline that failed decides. A stage that dies of SIGPIPE has not failed " +
        "when the one after it succeeded. Docker and ssh pass on a code only: there 128+n is taken for " +
        "death by signal n.",
      ],
    },
  ],
  environment: [
    {
      title: "ENVIRONMENT",
      body: [
        { entries: ENVIRONMENT },
        "A local command has all of our environment, with --env on top; in containers, virtual machines " +
        "and on other hosts it has what is there, with --env on top.",
      ],
    },
  ],
  runners: [
    {
      title: "RUNNERS",
      body: [
        {
          entries: RUNNER_TYPES.map(({ kind, target, summary }): Entry => [
            target === undefined ? kind : `${kind}[:${target.toUpperCase()}]`,
            `${summary[0]!.toUpperCase()}${summary.slice(1)}`,
          ]),
        },
        `A runner is where commands run. It is chosen by -r, else by ${RUNNER_VARIABLE}, else it is ` +
        "local; a pipeline in JSON may name others for single commands. execvm help run has the options of " +
        "each, and execvm doctor says what works on this machine.",
      ],
    },
  ],
};
