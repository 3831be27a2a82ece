// The machine that prepares an image: it runs the steps and then streams its root as a tar.

import { makeExt4Disk } from "../disks/ext4_disk.ts";
import { ROOT_TYPES } from "../machine/protocol_words.ts";
import { BUSYBOX, FINISH, MOUNT, PACK, RESOLVE } from "./guest_programs.ts";
import { LEND_NAMES, TAKE_NAMES_BACK } from "./lent_names.ts";
import type { PrepareOptions } from "./prepare_options.ts";
import { type StepCommand, StepMachine, type StepMachineOptions } from "./step_machine.ts";

/** How the machine is made. */
export interface BuildSpec extends StepMachineOptions, Pick<PrepareOptions, "sizeMib"> {
  /** Path of the image to start from: squashfs, ext4 or erofs. */
  readonly base: string;
  /** A folder for its disk; the caller owns it. */
  readonly folder: string;
  /** The environment of commands in the root. */
  readonly env: Readonly<Record<string, string>>;
}

const SIZE_MIB = 8192;

/** Absolute paths, because PATH is the image's. */
const CHROOT = ["/execvm/busybox", "chroot", "/new"] as const;

/** A machine with a root that steps change. Disposing it ends it and discards the root. */
export class BuildMachine implements AsyncDisposable {
  readonly #spec: BuildSpec;
  readonly #machine: StepMachine;

  private constructor(spec: BuildSpec, machine: StepMachine) {
    this.#spec = spec;
    this.#machine = machine;
  }

  /**
   * Boots the machine.
   *
   * @throws {MachineError} if that fails.
   * @throws {Error} if the root cannot be used.
   */
  static async boot(spec: BuildSpec): Promise<BuildMachine> {
    const disk = `${spec.folder}/scratch.ext4`;
    await makeExt4Disk(disk, spec.sizeMib ?? SIZE_MIB);
    const devices = { [spec.base]: "/dev/vda", [disk]: { path: "/dev/vdb", write: true } };
    const machine = new BuildMachine(spec, await StepMachine.boot(spec, devices));
    try {
      await machine.program("mounting the root", MOUNT, ROOT_TYPES);
      if (spec.network === true) await machine.program("setting the network up", RESOLVE);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Runs a command in the root, with name resolution set up meanwhile.
   *
   * @throws {Error} if it fails.
   */
  async inRoot(step: string, { argv, env }: Pick<StepCommand, "argv" | "env">): Promise<void> {
    await this.#machine.text(step, {
      argv: [...CHROOT, ...argv],
      env: { ...this.#spec.env, ...env },
      around: { before: LEND_NAMES, after: TAKE_NAMES_BACK },
    });
  }

  /** Unpacks a tar in the root. @throws {Error} if that fails. */
  async unpack(step: string, input: ReadableStream<Uint8Array>): Promise<void> {
    await this.#machine.text(step, { argv: [...CHROOT, BUSYBOX, "tar", "-x", "-C", "/"], input });
  }

  /**
   * Runs one of our programs outside the root and returns its output.
   *
   * @throws {Error} if it fails.
   */
  async program(
    step: string,
    program: string,
    args: readonly string[] = [],
    input?: ReadableStream<Uint8Array>,
  ): Promise<string> {
    const command = { argv: ["sh", "-c", program, "sh", ...args] };
    return await this.#machine.text(step, input === undefined ? command : { ...command, input });
  }

  /**
   * Returns the root as a tar; the machine cannot be used afterwards. The stream fails if the
   * machine does; cancelling it ends the machine.
   */
  async pack(): Promise<ReadableStream<Uint8Array>> {
    const resolved = this.#spec.network === true ? ["resolved"] : [];
    await this.program("putting the root in order", FINISH, resolved);
    return this.#machine.stream("packing the root", { argv: ["sh", "-c", PACK] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine[Symbol.asyncDispose]();
  }
}
