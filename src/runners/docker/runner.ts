// The docker runner: each command runs in a container of its own.

import type { CommandNode } from "../../model/nodes.ts";
import { asText } from "../contract/as_text.ts";
import { type ChainNote, noteVariables } from "../contract/chain_note.ts";
import { givenOptions } from "../contract/given_options.ts";
import { innerArgv } from "../contract/inner_argv.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { checkDockerOptions, DOCKER_OPTION_SPECS, type DockerOptions } from "./options.ts";
import { containerArgv } from "./run_argv.ts";

/** What a plan shows, as each container gets a name of its own. */
const ANY_NAME = "NAME";

/**
 * Runs each command in a container that is made for it and gone after it: `docker run -i --rm`. Its
 * argv, environment, streams, signals and status are as those of a local process. Docker is found as
 * ever, by `DOCKER_HOST` for one. There is no network unless it is asked for, and no image is fetched.
 *
 * A command that exits with 128+n by itself cannot be told from one that died of signal n. Variables are
 * on docker's command line, which all users of this machine can read.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
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
    options: givenOptions(options, DOCKER_OPTION_SPECS),
    argv: (command) => toArgv(command, options, ANY_NAME),
    async start(command, stdio, onPhase) {
      const { startContainer } = await import("./container.ts");
      const name = `execvm-${crypto.randomUUID()}`;
      const tty = options.tty === true;
      // A terminal shows all that a chain says.
      const note = command.type === "chain" && !tty ? { token: crypto.randomUUID() } : undefined;
      const argv = toArgv(command, options, name, note);
      return await startContainer({ argv, name, tty, onPhase, chainToken: note?.token }, stdio);
    },
  });
}

/** @param note where a chain tells which of its commands runs */
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
  return containerArgv({ ...defaults, ...options, name, signalsGroup, argv, env, workdir: cwd });
}
