// Makes the kernel command line of a machine for a command. Pure.

import { flattenChain, type Link } from "../../chain/chain_words.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { commandLine } from "../../vm/command_line.ts";
import type { VmOptions } from "../../vm/options.ts";

/**
 * The most bytes of a kernel command line (COMMAND_LINE_SIZE of x86), less room for other
 * parameters.
 */
const MAX_APPEND_BYTES = 2048 - 256;

/**
 * Returns the kernel command line. If it fits, that includes the command as JSON in base64: for a
 * chain the list of its commands, or if their stdout is redirected, the argv of `execvm chain`.
 *
 * @param attached parameters that describe the attached devices to the guest
 */
export function appendFor(
  command: CommandNode,
  options: VmOptions,
  attached: readonly string[],
): string {
  const kernelParams = commandLine(options, attached);
  const links = linksOf(command);
  const isPlain = links.every(({ stdout }) => stdout === "pass");
  const named = isPlain ? links.map(({ argv }) => argv) : commandArgv(command);
  const json = new TextEncoder().encode(JSON.stringify(named));
  const line = `${kernelParams} execvm.run=${json.toBase64()}`;
  return line.length <= MAX_APPEND_BYTES ? line : kernelParams;
}

/** Returns the commands of a chain; a plain command is a chain of one. */
export function linksOf(command: CommandNode): readonly Link[] {
  if (command.type !== "chain") return flattenChain(command.args);
  const { commands, stdout = "pass" } = command;
  const last = commands.length - 1;
  return commands.map((argv, index) => ({ argv, stdout: index === last ? "pass" : stdout }));
}
