// The VM runner: each command runs in a virtual machine of its own.

import type { CommandNode } from "../blocks/nodes.ts";
import { toReadable, toWriter } from "../edges.ts";
import { RunnerError } from "../errors.ts";
import { ownTerminalSize } from "../libc/terminal.ts";
import { findKernel } from "../vm/kernel.ts";
import { qemuArgv } from "../vm/machine.ts";
import { MachineError } from "../vm/machine_error.ts";
import { VirtualMachine } from "../vm/virtual_machine.ts";
import { makeRunner, type Runner, type RunnerType, type Running, type Stdio } from "./runner.ts";

/** How virtual machines are made. */
export interface VmOptions {
  /** Path of the kernel. @default the one built or fetched by `execvm kernel` */
  readonly kernel?: string;
  /** Path of the initrd. @default one that is built when it is needed */
  readonly initrd?: string;
  /** More words for the kernel command line. */
  readonly append?: string;
  /** Processors of the guest. @default 1 */
  readonly cpus?: number;
  /** Memory of the guest. @default 512 */
  readonly memoryMib?: number;
  /** QEMU's machine type. @default "q35" */
  readonly machine?: string;
  /** QEMU's program. @default "qemu-system-x86_64" */
  readonly qemu?: string;
  /** What runs the guest's instructions. @default "tcg" */
  readonly accel?: "kvm" | "tcg";
  /** Milliseconds that the guest has to boot. @default 60000 */
  readonly bootTimeoutMs?: number;
  /** Give each command a terminal of its own; its stderr is then part of its stdout. */
  readonly tty?: boolean;
}

const DEFAULTS = {
  qemu: "qemu-system-x86_64",
  machine: "q35",
  cpus: 1,
  memoryMib: 512,
  accel: "tcg",
  bootTimeoutMs: 60_000,
} as const;

/** Bytes of a kernel command line (COMMAND_LINE_SIZE of x86), less room for what is not the command. */
const MAX_APPEND_BYTES = 2048 - 256;

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
  return makeRunner({
    kind: "vm",
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    argv: (command) => plannedArgv(command, options),
    start: (command, stdio) => start(command, stdio, options),
  });
}

/** The kind of runner that {@linkcode vm} makes. */
export const vmType: RunnerType = {
  kind: "vm",
  summary: "a virtual machine for each command",
  options: {
    kernel: { type: "string", brief: "path of the kernel" },
    initrd: { type: "string", brief: "path of the initrd" },
    append: { type: "string", brief: "more words for the kernel command line" },
    cpus: { type: "number", brief: "processors of the guest" },
    memoryMib: { type: "number", brief: "memory of the guest in MiB" },
    machine: { type: "string", brief: "QEMU's machine type" },
    qemu: { type: "string", brief: "QEMU's program" },
    accel: { type: "string", brief: "what runs the guest's instructions: kvm or tcg" },
    tty: { type: "boolean", brief: "give the command a terminal of its own", alias: "t" },
  },
  create: (options) => vm(options as VmOptions),
};

async function start(command: CommandNode, stdio: Stdio, options: VmOptions): Promise<Running> {
  const stdin = toReadable(stdio.stdin);
  const stdout = toWriter(stdio.stdout, Deno.stdout);
  const stderr = toWriter(stdio.stderr, Deno.stderr);
  const close = async () => {
    await stdout.close();
    await stderr.close();
  };
  try {
    const machine = await boot(command, options);
    const exited = machine.run({
      commands: commandsOf(command),
      env: command.env,
      ...(command.cwd !== undefined && { cwd: command.cwd }),
      ...(options.tty === true && { terminal: ownTerminalSize() }),
    }, { stdin, stdout, stderr });
    return {
      exited: exited.catch((error) => {
        throw toRunnerError(error);
      }).finally(close),
      kill: (signal) => machine.kill(signal),
      [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stdin.cancel().catch(() => {});
    await close();
    throw toRunnerError(error);
  }
}

async function boot(command: CommandNode, options: VmOptions): Promise<VirtualMachine> {
  const { kernel, initrd } = await findFiles(options);
  const { bootTimeoutMs, ...spec } = { ...DEFAULTS, ...options };
  const machine = { ...spec, kernel, initrd, append: appendFor(command, options) };
  return await VirtualMachine.boot(machine, bootTimeoutMs);
}

async function findFiles(options: VmOptions): Promise<{ kernel: string; initrd: string }> {
  const { kernel, initrd } = options;
  if (kernel !== undefined && initrd !== undefined) return { kernel, initrd };
  const found = await findKernel();
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
function appendFor(command: CommandNode, { append }: VmOptions): string {
  const words = ["console=ttyS0", "quiet", "panic=-1", "rdinit=/init"];
  if (append !== undefined) words.push(append);
  const json = new TextEncoder().encode(JSON.stringify(commandsOf(command)));
  const line = [...words, `execvm.run=${json.toBase64()}`].join(" ");
  return line.length <= MAX_APPEND_BYTES ? line : words.join(" ");
}

function commandsOf(command: CommandNode): readonly (readonly string[])[] {
  return command.type === "chain" ? command.commands : [command.args];
}

/** What a plan shows: QEMU as it would be started, less the paths that are only known then. */
function plannedArgv(command: CommandNode, options: VmOptions): readonly string[] {
  const { qemu, machine, accel, cpus, memoryMib, kernel = "KERNEL", initrd = "INITRD" } = {
    ...DEFAULTS,
    ...options,
  };
  const append = appendFor(command, options);
  const spec = { qemu, machine, accel, cpus, memoryMib, kernel, initrd, append };
  return qemuArgv({ ...spec, folder: "FOLDER" });
}

function toRunnerError(error: unknown): unknown {
  if (!(error instanceof MachineError)) return error;
  const { phase, argv, consoleTail } = error;
  return new RunnerError(error.message, { runner: "vm", phase, argv, consoleTail, cause: error });
}
