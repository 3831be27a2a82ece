// The VM runner: each command runs in a virtual machine of its own.

import { takeApart } from "../../chain/chain_words.ts";
import { planAttachments } from "../../disks/attachments.ts";
import { type EndWriter, toReadable, toWriter } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";
import { isFatal, type SignalName } from "../../libc/signals.ts";
import { ownTerminalSize } from "../../libc/terminal.ts";
import { checkArch, isNative } from "../../machine/architectures.ts";
import { MachineError } from "../../machine/machine_error.ts";
import { RunnerError } from "../../model/errors.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { checkAccel } from "../../qemu/accel.ts";
import { type Accelerator, qemuArgv } from "../../qemu/argv.ts";
import { commandLine, getMachine, type ReadyMachine } from "../../vm/get_machine.ts";
import { hostname } from "../../vm/hostname.ts";
import { type VmOptions, withDefaults } from "../../vm/options.ts";
import { VmPool } from "../../vm/pool.ts";
import { lendTerminal } from "../contract/lend_terminal.ts";
import {
  type ExitStatus,
  makeRunner,
  type Runner,
  type Running,
  type TellPhase,
} from "../contract/runner.ts";
import type { RunnerType } from "../contract/runner_type.ts";
import { VM_OPTION_SPECS } from "./options.ts";

/** Bytes of a kernel command line (COMMAND_LINE_SIZE of x86), less room for what is not the command. */
const MAX_APPEND_BYTES = 2048 - 256;

/** How long a guest may take to write what it has to its disks, in milliseconds. */
const POWER_OFF_MS = 60_000;

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
  planAttachments(options);
  const pool = poolOf(options);
  return makeRunner({
    kind: "vm",
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    argv: (command) => plannedArgv(command, options),
    start: (command, stdio, tell) =>
      Promise.resolve(start(command, stdio, { options, pool, tell })),
    dispose: async () => await pool?.[Symbol.asyncDispose](),
  });
}

function poolOf(options: VmOptions): VmPool | undefined {
  const { pool: size = 0, template } = options;
  if (!Number.isInteger(size) || size < 0) {
    throw new RangeError(`Cannot keep ${size} machines ready as that is no number of machines`);
  }
  if (size === 0) return undefined;
  const writes = planAttachments(options).drives.find((drive) => drive.write);
  if (writes !== undefined) {
    throw new TypeError(
      `Cannot keep machines ready as only one at a time can write to ${writes.file}`,
    );
  }
  if (template === false) throw new TypeError("Cannot keep machines ready without a template");
  return new VmPool(size, { options, append: (words) => commandLine(options, words) });
}

/** The kind of runner that {@linkcode vm} makes. */
export const vmType: RunnerType = {
  kind: "vm",
  summary: "a virtual machine for each command",
  options: VM_OPTION_SPECS,
  create: (options) => vm(options as VmOptions),
};

/** How a command is given a machine. */
interface Source {
  readonly options: VmOptions;
  readonly pool: VmPool | undefined;
  readonly tell: TellPhase | undefined;
}

function start(command: CommandNode, stdio: Stdio, source: Source): Running {
  const { options, tell } = source;
  const tellRunning = once(() => tell?.("running"));
  const streams = {
    stdin: toReadable(stdio.stdin),
    stdout: preceded(toWriter(stdio.stdout, Deno.stdout), tellRunning),
    stderr: preceded(toWriter(stdio.stderr, Deno.stderr), tellRunning),
  };
  const early = new EarlyEnd();
  let ready: ReadyMachine | undefined;
  const terminal = options.tty === true
    ? lendTerminal((size) => ready?.machine.resize(size))
    : undefined;
  let getting = get(command, source, early.aborted);
  const runIn = async (): Promise<ExitStatus> => {
    ready = await getting;
    tell?.("starting");
    const request = {
      commands: commandsOf(command),
      env: command.env,
      hostname: hostname(),
      ...(command.cwd !== undefined && { cwd: command.cwd }),
      ...(ready.attached !== undefined && { attached: ready.attached }),
      ...(options.tty === true && { terminal: ownTerminalSize() }),
    };
    const status = await ready.machine.run(request, streams, tellRunning);
    if (!ready.writes) return status;
    tell?.("ending", "it writes to its disks");
    await ready.machine.powerOff(POWER_OFF_MS); // what it wrote is there then: it has not ended before
    return status;
  };
  const run = async (): Promise<ExitStatus> => {
    try {
      try {
        return await runIn();
      } catch (error) {
        if (!isDamaged(error) || ready?.discard === undefined) throw error;
        // Nothing has run: with another template it may.
        await ready[Symbol.asyncDispose]();
        ready.discard();
        ready = undefined;
        getting = get(command, { ...source, pool: undefined }, early.aborted);
        return await runIn();
      }
    } catch (error) {
      await streams.stdin.cancel().catch(() => {}); // it may be at its end, or with the machine
      if (early.status !== undefined) return early.status;
      throw toRunnerError(error);
    } finally {
      terminal?.[Symbol.dispose]();
      await streams.stdout.close();
      await streams.stderr.close();
    }
  };
  return {
    exited: run(),
    kill: (signal) => ready === undefined ? early.kill(signal) : ready.machine.kill(signal),
    async [Symbol.asyncDispose]() {
      const got = await getting.catch(() => undefined);
      await got?.[Symbol.asyncDispose]();
    },
  };
}

function get(
  command: CommandNode,
  { options, pool, tell }: Source,
  signal: AbortSignal,
): Promise<ReadyMachine> {
  if (pool !== undefined) return pool.take(signal, tell);
  const append = (words: readonly string[]) => appendFor(command, options, words);
  return getMachine({ options, append, signal, tell });
}

/** Whether a machine could not be restored from its template. */
function isDamaged(error: unknown): boolean {
  return error instanceof MachineError && error.phase === "restore";
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

/** The same, done the first time only. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

/** The writer, where `first` comes before its first chunk: what a command says may overtake that it runs. */
function preceded(writer: EndWriter, first: () => void): EndWriter {
  return {
    ...writer,
    write(chunk) {
      first();
      return writer.write(chunk);
    },
  };
}

/** The kernel command line. It names the command, as JSON in base64, where that fits. */
function appendFor(
  command: CommandNode,
  options: VmOptions,
  attached: readonly string[],
): string {
  const words = commandLine(options, attached);
  const json = new TextEncoder().encode(JSON.stringify(commandsOf(command)));
  const line = `${words} execvm.run=${json.toBase64()}`;
  return line.length <= MAX_APPEND_BYTES ? line : words;
}

function commandsOf(command: CommandNode): readonly (readonly string[])[] {
  return command.type === "chain" ? command.commands : takeApart(command.args);
}

/** What a plan shows: QEMU as it would be started, less the paths that are only known then. */
function plannedArgv(command: CommandNode, options: VmOptions): readonly string[] {
  const complete = withDefaults(options);
  const { arch, qemu, machine, cpus, memoryMib, kernel = "KERNEL", initrd = "INITRD" } = complete;
  const { drives, network, words } = planAttachments(options);
  const append = appendFor(command, options, words);
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

function toRunnerError(error: unknown): unknown {
  if (!(error instanceof MachineError)) return error;
  const { phase, argv, consoleTail } = error;
  return new RunnerError(error.message, { runner: "vm", phase, argv, consoleTail, cause: error });
}
