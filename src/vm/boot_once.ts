// Boots a kernel once, before it becomes the default.

import type { Kernel } from "../kernels/find.ts";
import { ARCHITECTURES } from "../machine/architectures.ts";
import { MachineError } from "../machine/machine_error.ts";
import { qemuVersion } from "../qemu/version.ts";
import { commandLine } from "./command_line.ts";
import { getMachine } from "./get_machine.ts";
import { hostname } from "./hostname.ts";

/** Options of {@linkcode bootOnce}. */
export interface BootOnceOptions {
  readonly signal: AbortSignal;
  /** Called with a description of each step. */
  readonly onProgress: (step: string) => void;
}

/**
 * Boots a guest with this kernel, runs a command in it, and ends it. Where its QEMU is not
 * installed, that is reported as a step, and nothing is booted.
 *
 * @throws {MachineError} if the guest does not boot, or runs no command.
 */
export async function bootOnce(
  kernel: Kernel,
  { signal, onProgress }: BootOnceOptions,
): Promise<void> {
  const { arch, image } = kernel;
  const { qemu } = ARCHITECTURES[arch];
  if (await qemuVersion(qemu) === undefined) {
    return onProgress(`${qemu} is not installed, so the kernel was not booted`);
  }
  const { ensureInitrd } = await import("../../guest-build/ensure_initrd.ts");
  const initrd = await ensureInitrd(kernel, { onProgress });
  signal.throwIfAborted();
  onProgress(`booting ${kernel.version}`);
  const options = { arch, kernel: image, initrd, template: false };
  const append = (kernelParams: readonly string[]) => commandLine(options, kernelParams);
  const onPhase = () => {}; // its only slow phase is the boot
  await using ready = await getMachine({ options, append, signal, onPhase }).catch((error) => {
    throw error instanceof MachineError ? named(error, kernel) : error;
  });
  const output = { write: () => Promise.resolve(true), gone: new Promise<void>(() => {}) };
  const stdio = { stdin: new Blob().stream(), stdout: output, stderr: output };
  await ready.machine.run({ commands: [["true"]], env: {}, hostname: hostname() }, stdio);
}

/** The same error with the kernel in place of the guest. */
function named(error: MachineError, { version }: Kernel): MachineError {
  const { message, phase, argv, consoleTail } = error;
  const story = message.replace(/^cannot boot the guest:/, `cannot boot the kernel ${version}:`);
  return new MachineError(story, phase, argv, consoleTail, error);
}
