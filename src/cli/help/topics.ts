// The help topics that all subcommands share: exit status, environment, runners.

import { RUNNER_TYPES } from "../../runners/mod.ts";
import { RUNNER_VARIABLE } from "../flags/runner_flags.ts";
import type { Topic } from "./help_topics.ts";
import type { Entry, Section } from "./layout.ts";

/** The exit statuses of execvm and their meanings. */
export const EXIT_STATUS: readonly Entry[] = [
  ["0", "Success"],
  ["1 to 123", "The command's own status; it may also use the numbers below"],
  ["2", "Wrong usage or an invalid pipeline: nothing was started"],
  ["124", "The time limit was reached (--timeout)"],
  ["125", "execvm itself or the runner failed: nothing is known about the command"],
  ["126", "The command was found but cannot be executed"],
  ["127", "The command was not found"],
  ["128+n", "The command died of signal n, such as 141 of SIGPIPE and 143 of SIGTERM"],
];

/** The variables that execvm reads. */
export const ENVIRONMENT: readonly Entry[] = [
  [
    RUNNER_VARIABLE,
    "The default of -r for run, pipe and plan, such as vm or ssh:HOST",
  ],
  [
    "EXECVM_CACHE",
    "Folder of kernels, initrds, images and templates (default: $XDG_CACHE_HOME/execvm, else " +
    "~/.cache/execvm); it may be read-only once it contains what is needed",
  ],
  ["EXECVM_REGISTRY_USERNAME", "User name for image registries"],
  ["EXECVM_REGISTRY_PASSWORD", "Password or token for image registries"],
  ["DOCKER_HOST", "Address of the Docker engine, as the docker command reads it"],
  [
    "OTEL_DENO",
    "If true, runs, stages and phases are exported as OpenTelemetry spans, by Deno",
  ],
  ["COLUMNS", "Width of help pages (default: that of the terminal, else 80)"],
  ["NO_COLOR", "If not empty, the titles of help pages are not bold"],
];

/** Returns the page of a topic. */
export function topicPage(topic: Topic): readonly Section[] {
  return PAGES[topic];
}

const PAGES: Readonly<Record<Topic, readonly Section[]>> = {
  "exit-status": [
    { title: "EXIT STATUS", body: [{ entries: EXIT_STATUS }] },
    {
      title: "WHICH STAGE DECIDES",
      body: [
        "The status of a pipeline is that of the rightmost stage that failed. A stage that dies of SIGPIPE " +
        "has not failed if the next stage succeeded. Docker and ssh report only an exit code, so there " +
        "128+n counts as death by signal n.",
      ],
    },
  ],
  environment: [
    {
      title: "ENVIRONMENT",
      body: [
        { entries: ENVIRONMENT },
        "A local command inherits the whole environment; a command in a container, in a virtual machine or " +
        "on another host gets the environment of that place. Variables of --env are added to it.",
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
        `A runner is the place where commands run. The option -r chooses it, else ${RUNNER_VARIABLE}; the ` +
        "default is local. A pipeline in JSON may name others for single commands. execvm help run lists " +
        "the options of each runner, and execvm doctor reports which of them work on this machine.",
      ],
    },
  ],
};
