// The VM runner: each command runs in a separate virtual machine.

import { planAttachments } from "../../disks/plan_attachments.ts";
import { checkArch, isNative } from "../../machine/architectures.ts";
import { checkCopies, copiesAsJson, copiesIn } from "../../model/copy_options.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { onlyGiven } from "../../model/pick_given.ts";
import { checkAccel } from "../../qemu/accel.ts";
import { type Accelerator, qemuArgv } from "../../qemu/argv.ts";
import type { MachineOptions } from "../../vm/get_machine.ts";
import {
  checkCounts,
  checkModules,
  checkUser,
  usesTemplate,
  type VmOptions,
  withDefaults,
} from "../../vm/options.ts";
import { withRootText } from "../../vm/root_option.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { WhenUsed } from "../contract/when_used.ts";
import { appendFor } from "./command_line.ts";

/**
 * Returns a runner that runs each command in a new virtual machine, cloned from a template or
 * booted, which ends with the command. Argv, environment, streams, signals and status are those of
 * a local process. The caller disposes the runner if it keeps a `pool`; other machines end with
 * their commands.
 *
 * @param options how machines are made
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number among the options is out of range.
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
  const given = withRootText(options);
  checkAccel(given.accel);
  checkArch(given.arch);
  checkCounts(given);
  checkUser(given);
  checkModules(given);
  planAttachments(given);
  checkPoolAndConsole(given);
  checkCopies(given, "absolute");
  const commands = new WhenUsed(async () => {
    const { VmCommands } = await import("./commands.ts");
    return new VmCommands(given);
  });
  return makeRunner({
    kind: "vm",
    options: copiesAsJson(onlyGiven(given)),
    copies: copiesIn(given),
    argv: (command) => plannedArgv(command, given),
    start: async (...start) => (await commands.get()).start(...start),
    dispose: () => commands[Symbol.asyncDispose](),
  });
}

/** @throws {TypeError} if a console is not a path, or machines of a pool cannot be kept ready. */
function checkPoolAndConsole(options: MachineOptions): void {
  const { pool = 0, console } = options;
  if (console === "") throw new TypeError('cannot write the console to "": it is not a path');
  if (pool === 0) return;
  const writes = planAttachments(options).drives.find((drive) => drive.write);
  if (writes !== undefined) {
    throw new TypeError(
      `cannot keep machines ready: only one at a time can write to ${writes.file}`,
    );
  }
  if (console !== undefined) {
    throw new TypeError("cannot keep machines ready: the console is that of one command's machine");
  }
  if (!usesTemplate(options)) {
    throw new TypeError("cannot keep machines ready without a template");
  }
}

/**
 * Returns the argv for a plan: QEMU's, with placeholders for paths that are known only at the
 * start.
 */
function plannedArgv(command: CommandNode, options: MachineOptions): readonly string[] {
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

/** Planning does not probe the host, so it shows QEMU's `kvm:tcg` fallback. */
function plannedAccel({ accel, arch }: Required<Pick<VmOptions, "accel" | "arch">>): Accelerator {
  if (accel !== "auto") return accel;
  return isNative(arch) ? "kvm:tcg" : "tcg";
}
