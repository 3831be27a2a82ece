// The VM runner: each command runs in a virtual machine of its own.

import { flattenChain, type Link } from "../../chain/chain_words.ts";
import { planAttachments } from "../../disks/attachments.ts";
import type { Stdio } from "../../io/ends.ts";
import { checkArch, isNative } from "../../machine/architectures.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { onlyGiven } from "../../model/pick_given.ts";
import { checkAccel } from "../../qemu/accel.ts";
import { type Accelerator, qemuArgv } from "../../qemu/argv.ts";
import { commandLine, getMachine } from "../../vm/get_machine.ts";
import { checkCounts, checkUser, type VmOptions, withDefaults } from "../../vm/options.ts";
import { VmPool } from "../../vm/pool.ts";
import { makeRunner, type OnPhase, type Runner, type Running } from "../contract/runner.ts";
import type { RunnerType } from "../contract/runner_type.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { VmCommand } from "./command.ts";
import { VM_OPTION_SPECS } from "./options.ts";

/** Bytes of a kernel command line (COMMAND_LINE_SIZE of x86), less room for what is not the command. */
const MAX_APPEND_BYTES = 2048 - 256;

/**
 * Runs each command in a virtual machine that is cloned for it, or booted, and gone after it. Its argv, environment,
 * streams, signals and status are as those of a local process.
 *
 * @example
 * ```ts
 * import { vm } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   await vm({ memoryMib: 1024 }).cmd("uname", "-r").text();
 * }
 * ```
 */
export function vm(options: VmOptions = {}): Runner {
  checkAccel(options.accel);
  checkArch(options.arch);
  checkCounts(options);
  checkUser(options);
  planAttachments(options);
  const pool = poolOf(options);
  return makeRunner({
    kind: "vm",
    options: onlyGiven(options),
    argv: (command) => plannedArgv(command, options),
    start: (command, stdio, onPhase) =>
      Promise.resolve(start(command, stdio, { options, pool, onPhase })),
    dispose: async () => await pool?.[Symbol.asyncDispose](),
  });
}

function poolOf(options: VmOptions): VmPool | undefined {
  const { pool: size = 0, template } = options;
  if (size === 0) return undefined;
  const writes = planAttachments(options).drives.find((drive) => drive.write);
  if (writes !== undefined) {
    throw new TypeError(
      `Cannot keep machines ready as only one at a time can write to ${writes.file}`,
    );
  }
  if (template === false) throw new TypeError("Cannot keep machines ready without a template");
  return new VmPool(size, {
    options,
    append: (kernelParams) => commandLine(options, kernelParams),
  });
}

/** The kind of runner that {@linkcode vm} makes. */
export const vmType: RunnerType = {
  kind: "vm",
  summary: "a virtual machine for each command",
  options: VM_OPTION_SPECS,
  create: (options) => vm(options as VmOptions),
};

/** What a command is run with. */
interface RunContext {
  readonly options: VmOptions;
  readonly pool: VmPool | undefined;
  readonly onPhase: OnPhase | undefined;
}

function start(
  command: CommandNode,
  stdio: Stdio,
  { options, pool, onPhase }: RunContext,
): Running {
  const tty = options.tty === true;
  const append = (kernelParams: readonly string[]) => appendFor(command, options, kernelParams);
  return new VmCommand({
    links: linksOf(command),
    env: { ...(tty && terminalVariables()), ...command.env },
    cwd: command.cwd,
    user: options.user,
    tty,
    onPhase,
    getMachine: (signal, source) =>
      pool !== undefined && source === "any"
        ? pool.take(signal, onPhase)
        : getMachine({ options, append, signal, onPhase }),
  }, stdio);
}

/**
 * The kernel command line. It names the command, as JSON in base64, where that fits: a chain by its commands,
 * or, where what they print goes elsewhere, as it would be typed.
 */
function appendFor(
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

function linksOf(command: CommandNode): readonly Link[] {
  if (command.type !== "chain") return flattenChain(command.args);
  const { commands, stdout = "pass" } = command;
  const last = commands.length - 1;
  return commands.map((argv, index) => ({ argv, stdout: index === last ? "pass" : stdout }));
}

/** What a plan shows: QEMU as it would be started, less the paths that are only known then. */
function plannedArgv(command: CommandNode, options: VmOptions): readonly string[] {
  const complete = withDefaults(options);
  const { arch, qemu, machine, cpus, memoryMib, kernel = "KERNEL", initrd = "INITRD" } = complete;
  const { drives, network, kernelParams } = planAttachments(options);
  const append = appendFor(command, options, kernelParams);
  const spec = {
    arch,
    qemu,
    machine,
    accel: plannedAccel(complete),
    cpus,
    memoryMib,
    kernel,
    initrd,
    append,
    drives,
    network,
  };
  return qemuArgv({ ...spec, folder: "FOLDER" });
}

/** A plan looks at no machine: QEMU has a word of its own for taking KVM if it can. */
function plannedAccel({ accel, arch }: Required<Pick<VmOptions, "accel" | "arch">>): Accelerator {
  if (accel !== "auto") return accel;
  return isNative(arch) ? "kvm:tcg" : "tcg";
}
