// The VM runner: each command runs in a virtual machine of its own.

import type { CommandNode } from "../blocks/nodes.ts";
import { takeApart } from "../chain/chain_words.ts";
import { toReadable, toWriter } from "../edges.ts";
import { RunnerError } from "../errors.ts";
import { isFatal, type SignalName } from "../libc/signals.ts";
import { ownTerminalSize } from "../libc/terminal.ts";
import { checkAccel, type WantedAccel } from "../vm/accel.ts";
import { bootAccelerated } from "../vm/accel_boot.ts";
import { openAttachments, planAttachments } from "../vm/attachments.ts";
import { findKernel, listKernels } from "../vm/kernel.ts";
import { type Accelerator, qemuArgv } from "../vm/machine.ts";
import { MachineError } from "../vm/machine_error.ts";
import { VirtualMachine } from "../vm/virtual_machine.ts";
import { lendTerminal } from "./lend_terminal.ts";
import {
  type ExitStatus,
  makeRunner,
  type Runner,
  type RunnerType,
  type Running,
  type Stdio,
} from "./runner.ts";
import { VM_OPTION_SPECS, type VmOptions } from "./vm_options.ts";

const DEFAULTS = {
  qemu: "qemu-system-x86_64",
  machine: "q35",
  cpus: 1,
  memoryMib: 512,
  accel: "auto",
  bootTimeoutMs: 60_000,
} as const;

/** Bytes of a kernel command line (COMMAND_LINE_SIZE of x86), less room for what is not the command. */
const MAX_APPEND_BYTES = 2048 - 256;

/** How long a guest may take to write what it has to its disks, in milliseconds. */
const POWER_OFF_MS = 60_000;

/**
 * Runs each command in a virtual machine that is booted for it and gone after it. Its argv, environment,
 * streams, signals and status are as those of a local process.
 *
 * @example
 * ```ts
 * import { vm } from "./mod.ts";
 *
 * await vm({ memoryMib: 1024 }).cmd("uname", "-r").text();
 * ```
 */
export function vm(options: VmOptions = {}): Runner {
  checkAccel(options.accel);
  planAttachments(options);
  return makeRunner({
    kind: "vm",
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    argv: (command) => plannedArgv(command, options),
    start: (command, stdio) => Promise.resolve(start(command, stdio, options)),
  });
}

/** The kind of runner that {@linkcode vm} makes. */
export const vmType: RunnerType = {
  kind: "vm",
  summary: "a virtual machine for each command",
  options: VM_OPTION_SPECS,
  create: (options) => vm(options as VmOptions),
};

function start(command: CommandNode, stdio: Stdio, options: VmOptions): Running {
  const stdin = toReadable(stdio.stdin);
  const stdout = toWriter(stdio.stdout, Deno.stdout);
  const stderr = toWriter(stdio.stderr, Deno.stderr);
  const early = new EarlyEnd();
  let machine: VirtualMachine | undefined;
  const terminal = options.tty === true ? lendTerminal((size) => machine?.resize(size)) : undefined;
  const booting = boot(command, options, early.aborted);
  const run = async (): Promise<ExitStatus> => {
    try {
      const booted = await booting;
      machine = booted.machine;
      return await endInOrder(booted, {
        commands: commandsOf(command),
        env: command.env,
        ...(command.cwd !== undefined && { cwd: command.cwd }),
        ...(options.tty === true && { terminal: ownTerminalSize() }),
      }, { stdin, stdout, stderr });
    } catch (error) {
      if (machine === undefined) await stdin.cancel().catch(() => {});
      if (early.status !== undefined) return early.status;
      throw toRunnerError(error);
    } finally {
      terminal?.[Symbol.dispose]();
      await stdout.close();
      await stderr.close();
    }
  };
  return {
    exited: run(),
    kill: (signal) => machine === undefined ? early.kill(signal) : machine.kill(signal),
    async [Symbol.asyncDispose]() {
      const booted = await booting.catch(() => undefined);
      await booted?.[Symbol.asyncDispose]();
    },
  };
}

/** The end of a command whose machine has not booted yet: of the first signal that would end a process. */
class EarlyEnd {
  readonly #aborter = new AbortController();
  status: ExitStatus | undefined;

  get aborted(): AbortSignal {
    return this.#aborter.signal;
  }

  kill(signal: SignalName): void {
    if (!isFatal(signal)) return; // it cannot be stopped either
    this.status ??= { signal };
    this.#aborter.abort();
  }
}

/** A machine with what is attached to it. */
interface Booted extends AsyncDisposable {
  readonly machine: VirtualMachine;
  /** Whether it may write to files of this machine. */
  readonly writes: boolean;
}

async function boot(
  command: CommandNode,
  options: VmOptions,
  signal: AbortSignal,
): Promise<Booted> {
  await using opened = new AsyncDisposableStack();
  const { drives, network, words, writes } = opened.use(await openAttachments(options));
  const { kernel, initrd } = await findFiles(options);
  const { bootTimeoutMs: limitMs, accel: wanted, ...spec } = { ...DEFAULTS, ...options };
  const append = appendFor(command, options, words);
  const machine = opened.use(
    await bootAccelerated({ wanted, limitMs }, (accel, limitMs) => {
      const machineSpec = { ...spec, accel, kernel, initrd, append, drives, network };
      return VirtualMachine.boot(machineSpec, limitMs, signal);
    }),
  );
  const owned = opened.move();
  return { machine, writes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Runs a command. What it wrote is then on the disks: it has not ended before. */
async function endInOrder(
  { machine, writes }: Booted,
  ...run: Parameters<VirtualMachine["run"]>
): Promise<ExitStatus> {
  const status = await machine.run(...run);
  if (writes) await machine.powerOff(POWER_OFF_MS);
  return status;
}

async function findFiles(options: VmOptions): Promise<{ kernel: string; initrd: string }> {
  const { kernel, initrd } = options;
  if (kernel !== undefined && initrd !== undefined) return { kernel, initrd };
  // One of the cache comes with its own modules.
  const known = (await listKernels()).find(({ image }) => image === kernel);
  const found = known ?? await findKernel();
  if (found === undefined) {
    throw new MachineError(
      "Cannot boot as there is no kernel: run execvm kernel fetch",
      "start",
      [],
      "",
    );
  }
  const { ensureInitrd } = await import("../../guest-build/ensure_initrd.ts");
  return { kernel: kernel ?? found.image, initrd: initrd ?? await ensureInitrd(found) };
}

/** The kernel command line. It names the command, as JSON in base64, where that fits. */
function appendFor(
  command: CommandNode,
  { append }: VmOptions,
  attached: readonly string[],
): string {
  const words = ["console=ttyS0", "quiet", "panic=-1", "rdinit=/init", ...attached];
  if (append !== undefined) words.push(append);
  const json = new TextEncoder().encode(JSON.stringify(commandsOf(command)));
  const line = [...words, `execvm.run=${json.toBase64()}`].join(" ");
  return line.length <= MAX_APPEND_BYTES ? line : words.join(" ");
}

function commandsOf(command: CommandNode): readonly (readonly string[])[] {
  return command.type === "chain" ? command.commands : takeApart(command.args);
}

/** What a plan shows: QEMU as it would be started, less the paths that are only known then. */
function plannedArgv(command: CommandNode, options: VmOptions): readonly string[] {
  const { qemu, machine, accel, cpus, memoryMib, kernel = "KERNEL", initrd = "INITRD" } = {
    ...DEFAULTS,
    ...options,
  };
  const { drives, network, words } = planAttachments(options);
  const append = appendFor(command, options, words);
  const spec = {
    qemu,
    machine,
    accel: plannedAccel(accel),
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
function plannedAccel(wanted: WantedAccel): Accelerator {
  return wanted === "auto" ? "kvm:tcg" : wanted;
}

function toRunnerError(error: unknown): unknown {
  if (!(error instanceof MachineError)) return error;
  const { phase, argv, consoleTail } = error;
  return new RunnerError(error.message, { runner: "vm", phase, argv, consoleTail, cause: error });
}
