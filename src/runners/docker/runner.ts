// The docker runner: each command runs in its own container.

import { copiesAsJson, copiesIn } from "../../model/copy_options.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { asText } from "../contract/as_text.ts";
import { type ChainNote, noteVariables } from "../contract/chain_note.ts";
import { givenOptions } from "../contract/given_options.ts";
import { innerArgv } from "../contract/inner_argv.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { checkDockerOptions, DOCKER_OPTION_SPECS, type DockerOptions } from "./options.ts";
import { containerArgv, startArgv } from "./run_argv.ts";

/** The container's name in a plan; each real one is unique. */
const ANY_NAME = "NAME";

/**
 * Returns a runner that runs each command in a new container and removes it afterwards, like
 * `docker run -i --rm`. Argv, environment, streams, signals and status are those of a local
 * process. Docker's own configuration applies, such as `DOCKER_HOST`. By default there is no
 * network and no image is pulled.
 *
 * A command that exits with 128+n by itself cannot be distinguished from one killed by signal n.
 * Environment variables are part of docker's command line, which all users of this machine can
 * read.
 *
 * @param options the image, and how its containers run
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number among the options is out of range.
 *
 * @example
 * ```ts
 * import { docker } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   await docker({ image: "debian" }).cmd("uname", "-r").text();
 * }
 * ```
 */
export function docker(options: DockerOptions): Runner {
  checkDockerOptions(options);
  return makeRunner({
    kind: "docker",
    options: givenOptions(copiesAsJson(options), DOCKER_OPTION_SPECS),
    copies: copiesIn(options),
    argv: (command) => toArgv(command, options, ANY_NAME),
    async start(command, stdio, onPhase, copier) {
      const name = `execvm-${crypto.randomUUID()}`;
      const tty = options.tty === true;
      // With a terminal the marked lines of a chain would be shown.
      const note = command.type === "chain" && !tty ? { token: crypto.randomUUID() } : undefined;
      const argv = toArgv(command, options, name, note);
      const request = { argv, name, tty, onPhase, chainToken: note?.token };
      if (copier !== undefined) {
        const { CopyingCommand } = await import("../contract/copying_command.ts");
        const { CreatedContainer } = await import("./created_container.ts");
        const start = startArgv({ binary: argv[0]!, name, tty });
        const container = new CreatedContainer({ ...request, createArgv: argv, argv: start });
        return new CopyingCommand(container, copier, stdio);
      }
      const { startContainer } = await import("./container.ts");
      return await startContainer(request, stdio);
    },
  });
}

/** @param note where a chain reports which of its commands runs */
function toArgv(
  command: CommandNode,
  options: DockerOptions,
  name: string,
  note?: ChainNote,
): readonly string[] {
  const { argv, env, cwd } = asText({
    argv: innerArgv(command, options.chain, note),
    env: {
      ...(options.tty === true && terminalVariables()),
      ...options.env,
      ...command.env,
      ...noteVariables(note),
    },
    cwd: command.cwd ?? options.workdir,
  });
  const defaults = { binary: "docker", network: "none", pull: "never", mounts: {} };
  const signalsGroup = command.type === "chain" && options.chain === undefined;
  const isKept = copiesIn(options) !== undefined;
  const spec = { ...defaults, ...options, name, signalsGroup, argv, env, workdir: cwd, isKept };
  return containerArgv(spec);
}
