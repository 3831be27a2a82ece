// The kernel command line of a machine for a command, which it names where that fits. Pure.

import { flattenChain, type Link } from "../../chain/chain_words.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { commandLine } from "../../vm/command_line.ts";
import type { VmOptions } from "../../vm/options.ts";

/** Bytes of a kernel command line (COMMAND_LINE_SIZE of x86), less room for what is not the command. */
const MAX_APPEND_BYTES = 2048 - 256;

/**
 * The kernel command line. It names the command, as JSON in base64, where that fits: a chain by its commands,
 * or, where what they print goes elsewhere, as it would be typed.
 *
 * @param attached what the guest is told of what is attached
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

/** The commands of a chain; a plain command is a chain of one. */
export function linksOf(command: CommandNode): readonly Link[] {
  if (command.type !== "chain") return flattenChain(command.args);
  const { commands, stdout = "pass" } = command;
  const last = commands.length - 1;
  return commands.map((argv, index) => ({ argv, stdout: index === last ? "pass" : stdout }));
}
