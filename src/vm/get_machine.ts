// Gets a machine for a command: cloned from a template, or booted.

import { type Attachments, openAttachments } from "../disks/attachments.ts";
import type { WorkspaceOptions } from "../disks/plan_attachments.ts";
import { makeExt4Disk } from "../disks/ext4_disk.ts";
import { copySparse } from "../host/copy_sparse.ts";
import { writeStderr } from "../host/stderr_tail.ts";
import type { OnChunk } from "../host/stream_tail.ts";
import { findLibc } from "../libc/libc.ts";
import type { OnMachinePhase } from "../machine/phases.ts";
import type { Attached } from "../machine/protocol.ts";
import { toKernelParams } from "../machine/protocol_words.ts";
import { bootAccelerated } from "./accel_boot.ts";
import { findBootFiles } from "./boot_files.ts";
import { commandLine } from "./command_line.ts";
import { tellOnce } from "./notices.ts";
import { usesTemplate, type VmOptions, withDefaults } from "./options.ts";
import { ensureTemplate, TemplateError } from "./template_build.ts";
import { templateKey, type TemplateMachine, type WarmCommand } from "./template_key.ts";
import type { WithRootText } from "./root_option.ts";
import { removeTemplate } from "./template_store.ts";
import { VirtualMachine } from "./virtual_machine.ts";

/**
 * A machine that is ready for its command. Disposing it ends the machine and removes what was made
 * for it.
 */
export interface ReadyMachine extends AsyncDisposable {
  readonly machine: VirtualMachine;
  /** Whether it may write to files of the host. */
  readonly writes: boolean;
  /** What is attached, if the guest still has to be told with its first message. */
  readonly attached?: Attached;
  /** Whether a command of `warmUp` waits in it for its payload. */
  readonly isWaiting?: boolean;
  /** Removes the template that it was cloned from, because it turned out to be damaged. */
  readonly discard?: () => void;
}

/** The options of a machine, with those that only code uses. */
export interface MachineOptions extends WithRootText<VmOptions> {
  /** A disk that takes writes to the root. With it, a template has both mounted. */
  readonly workspace?: WorkspaceOptions;
  /** Commands that such a template runs before it is saved. */
  readonly warmUp?: readonly WarmCommand[];
}

/** A request for a machine. */
export interface MachineRequest {
  readonly options: MachineOptions;
  /** Makes the kernel command line from the parameters that describe what is attached. */
  readonly append: (kernelParams: readonly string[]) => string;
  readonly signal: AbortSignal;
  /** Receives the phases; without it, slow ones are reported on stderr if that is a terminal. */
  readonly onPhase?: OnMachinePhase | undefined;
  /** Receives the machine's console; for a clone from where its template was saved. */
  readonly onConsole?: OnChunk | undefined;
}

/**
 * Gets a machine with everything that its options attach; it is the caller's to dispose.
 *
 * @throws {MachineError} if none can be started.
 */
export async function getMachine(request: MachineRequest): Promise<ReadyMachine> {
  await using opened = new AsyncDisposableStack();
  request.onPhase?.("preparing");
  const attachments = opened.use(await openAttachments(request.options));
  const ready = opened.use(await makeMachine(request, attachments));
  const owned = opened.move();
  return { ...ready, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * Gets a machine with these attachments, which stay the caller's.
 *
 * @throws {MachineError} if none can be started.
 */
export async function makeMachine(
  request: MachineRequest,
  attachments: Attachments,
): Promise<ReadyMachine> {
  const { options, onPhase } = request;
  const { bootTimeoutMs: limitMs, accel: wanted, ...spec } = withDefaults(options);
  const { arch, qemu } = spec;
  const files = await findBootFiles(options, arch, onPhase);
  const isClone = usesTemplate(options) && canClone();
  return await bootAccelerated({ wanted, limitMs, qemu, arch }, (accel, limitMs) => {
    const machine = { ...spec, ...files, accel, network: attachments.network };
    const limited = { ...request, limitMs };
    return isClone
      ? cloneOrBoot(machine, attachments, limited)
      : boot(machine, attachments, limited);
  });
}

/** Clones a machine, or boots one if a template cannot be kept. */
async function cloneOrBoot(
  bare: Bare,
  attachments: Attachments,
  request: Limited,
): Promise<ReadyMachine> {
  const make = request.options.workspace === undefined ? clone : cloneMounted;
  try {
    return await make(bare, attachments, request);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    tellOnce(`execvm: each machine is booted, which is slow: ${error.message}`);
    return await boot(bare, attachments, request);
  }
}

type Limited = MachineRequest & { readonly limitMs: number };
type Bare = Omit<TemplateMachine, "append" | "drives">;

/** Whether machines can be cloned: QEMU gets the template by descriptors, which takes FFI. */
function canClone(): boolean {
  return findLibc() !== undefined;
}

async function boot(
  bare: Bare,
  { drives, kernelParams, writes }: Attachments,
  { options: { workspace }, append, limitMs, signal, onPhase, onConsole }: Limited,
): Promise<ReadyMachine> {
  onPhase?.("booting");
  if (workspace !== undefined) await makeExt4Disk(workspace.path, workspace.sizeMib);
  const machine = await VirtualMachine.boot(
    { ...bare, drives, append: append(kernelParams), onConsole },
    limitMs,
    signal,
  );
  return { machine, writes, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() };
}

async function clone(
  bare: Bare,
  { drives, root, writes }: Attachments,
  { options, limitMs, signal, onPhase, onConsole }: Limited,
): Promise<ReadyMachine> {
  const kernelParams = toKernelParams({ devices: [], network: bare.network });
  const append = commandLine(options, kernelParams);
  const template: TemplateMachine = { ...pick(bare), append, drives };
  const key = templateKey(template);
  const onBuild = () => announce(onPhase);
  const files = await ensureTemplate(key, template, { limitMs, signal, onBuild });
  onPhase?.("cloning");
  const spec = { ...template, drives, template: files, onConsole };
  const machine = await VirtualMachine.clone(spec, limitMs, signal);
  return {
    machine,
    writes,
    attached: { devices: drives.map(({ name }) => name), root },
    discard: () => void removeTemplate(key),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

/** Clones a machine that has the root and a workspace mounted already. */
async function cloneMounted(
  bare: Bare,
  { drives, kernelParams, writes }: Attachments,
  { options, limitMs, signal, onPhase, onConsole }: Limited,
): Promise<ReadyMachine> {
  const { workspace, warmUp = [] } = options;
  const append = commandLine(options, kernelParams);
  const mounted = { drives, workspaceMib: workspace!.sizeMib, warmUp };
  const template: TemplateMachine = { ...pick(bare), append, drives, mounted };
  const key = templateKey(template);
  const onBuild = () => announce(onPhase);
  const files = await ensureTemplate(key, template, { limitMs, signal, onBuild });
  onPhase?.("cloning");
  await copySparse(files.workspace, workspace!.path);
  const spec = { ...template, drives, template: files, onConsole };
  const machine = await VirtualMachine.clone(spec, limitMs, signal);
  return {
    machine,
    writes,
    isWaiting: warmUp.some(({ payload }) => payload !== undefined),
    discard: () => void removeTemplate(key),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

/** Picks the options that a template depends on. */
function pick(bare: Bare): Bare {
  const { arch, qemu, machine, accel, cpus, memoryMib, kernel, initrd, network } = bare;
  return {
    ...(arch !== undefined && { arch }),
    qemu,
    machine,
    accel,
    cpus,
    memoryMib,
    kernel,
    initrd,
    network,
  };
}

/** Reports that a template is made, which takes some seconds, once. */
function announce(onPhase: OnMachinePhase | undefined): void {
  const story = "booting a machine that later ones are cloned from";
  if (onPhase !== undefined) return onPhase("template", story);
  if (!Deno.stderr.isTerminal()) return;
  void writeStderr(new TextEncoder().encode(`execvm: ${story}\n`));
}
