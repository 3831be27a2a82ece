// Getting a machine for a command: one that is booted for it, or cloned from a template.

import { type Attachments, openAttachments } from "../disks/attachments.ts";
import type { WorkspaceOptions } from "../disks/plan_attachments.ts";
import { makeExt4Disk } from "../disks/ext4_disk.ts";
import { copySparse } from "../host/copy_sparse.ts";
import { writeStderr } from "../host/stderr_tail.ts";
import { findKernel, listKernels } from "../kernels/find.ts";
import { findLibc } from "../libc/libc.ts";
import { HOST_ARCH, type KernelArch } from "../machine/architectures.ts";
import { MachineError } from "../machine/machine_error.ts";
import type { OnMachinePhase } from "../machine/phases.ts";
import type { Attached } from "../machine/protocol.ts";
import { toKernelParams } from "../machine/protocol_words.ts";
import { bootAccelerated } from "./accel_boot.ts";
import { commandLine } from "./command_line.ts";
import { tellOnce } from "./notices.ts";
import { type VmOptions, withDefaults } from "./options.ts";
import { ensureTemplate, TemplateError } from "./template_build.ts";
import { templateKey, type TemplateMachine, type WarmCommand } from "./template_key.ts";
import { removeTemplate } from "./template_store.ts";
import { VirtualMachine } from "./virtual_machine.ts";

/** A machine that waits for its command. Disposing it ends it, with what was made for it. */
export interface ReadyMachine extends AsyncDisposable {
  readonly machine: VirtualMachine;
  /** Whether it may write to files of this machine. */
  readonly writes: boolean;
  /** What the guest has to be told that it has. */
  readonly attached?: Attached;
  /** Whether a command waits in it for its payload, as `warmUp` said. */
  readonly isWaiting?: boolean;
  /** Removes what it is a clone of, which is no good. */
  readonly discard?: () => void;
}

/** What a machine is to be. */
export interface MachineOptions extends VmOptions {
  /** A disk for what is written to the root. A template has it mounted, and the root. */
  readonly workspace?: WorkspaceOptions;
  /** What such a template has run before. */
  readonly warmUp?: readonly WarmCommand[];
}

/** What a machine is got for. */
export interface MachineRequest {
  readonly options: MachineOptions;
  /** The kernel command line of a machine that has `kernelParams` to be told of what it has attached. */
  readonly append: (kernelParams: readonly string[]) => string;
  readonly signal: AbortSignal;
  /** Is told what takes its time; otherwise a line on a terminal tells of what takes long. */
  readonly onPhase?: OnMachinePhase | undefined;
}

/**
 * A machine with all that its options attach to it.
 *
 * @throws {MachineError} if it cannot be had.
 */
export async function getMachine(request: MachineRequest): Promise<ReadyMachine> {
  await using opened = new AsyncDisposableStack();
  request.onPhase?.("preparing");
  const attachments = opened.use(await openAttachments(request.options));
  const ready = opened.use(await makeMachine(request, attachments));
  const owned = opened.move();
  return { ...ready, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A machine with these attachments, which stay the caller's. @throws {MachineError} if it cannot be had. */
export async function makeMachine(
  request: MachineRequest,
  attachments: Attachments,
): Promise<ReadyMachine> {
  const { options, onPhase } = request;
  const { bootTimeoutMs: limitMs, accel: wanted, ...spec } = withDefaults(options);
  const { arch, qemu } = spec;
  const files = await findFiles(options, arch, onPhase);
  const isClone = options.template !== false && canClone();
  return await bootAccelerated({ wanted, limitMs, qemu, arch }, (accel, limitMs) => {
    const machine = { ...spec, ...files, accel, network: attachments.network };
    const limited = { ...request, limitMs };
    return isClone
      ? cloneOrBoot(machine, attachments, limited)
      : boot(machine, attachments, limited);
  });
}

/** A clone, or where there is no place for a template a machine that is booted. */
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

/** A template is handed to QEMU by descriptors. */
function canClone(): boolean {
  return findLibc() !== undefined;
}

async function boot(
  bare: Bare,
  { drives, kernelParams, writes }: Attachments,
  { options: { workspace }, append, limitMs, signal, onPhase }: Limited,
): Promise<ReadyMachine> {
  onPhase?.("booting");
  if (workspace !== undefined) await makeExt4Disk(workspace.path, workspace.sizeMib);
  const machine = await VirtualMachine.boot(
    { ...bare, drives, append: append(kernelParams) },
    limitMs,
    signal,
  );
  return { machine, writes, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() };
}

async function clone(
  bare: Bare,
  { drives, root, writes }: Attachments,
  { options, limitMs, signal, onPhase }: Limited,
): Promise<ReadyMachine> {
  const kernelParams = toKernelParams({ devices: [], network: bare.network });
  const append = commandLine(options, kernelParams);
  const template: TemplateMachine = { ...pick(bare), append, drives };
  const key = templateKey(template);
  const onBuild = () => announce(onPhase);
  const files = await ensureTemplate(key, template, { limitMs, signal, onBuild });
  onPhase?.("cloning");
  const spec = { ...template, drives, template: files };
  const machine = await VirtualMachine.clone(spec, limitMs, signal);
  return {
    machine,
    writes,
    attached: { devices: drives.map(({ name }) => name), root },
    discard: () => void removeTemplate(key),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

/** A clone of a machine that has the root and a workspace mounted: it has nothing to do but run. */
async function cloneMounted(
  bare: Bare,
  { drives, kernelParams, writes }: Attachments,
  { options, limitMs, signal, onPhase }: Limited,
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
  const spec = { ...template, drives, template: files };
  const machine = await VirtualMachine.clone(spec, limitMs, signal);
  return {
    machine,
    writes,
    isWaiting: warmUp.some(({ payload }) => payload !== undefined),
    discard: () => void removeTemplate(key),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

/** What a template depends on, and nothing else of the options. */
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

/** A template takes some seconds to make, once. */
function announce(onPhase: OnMachinePhase | undefined): void {
  const story = "booting a machine that later ones are cloned from";
  if (onPhase !== undefined) return onPhase("template", story);
  if (!Deno.stderr.isTerminal()) return;
  void writeStderr(new TextEncoder().encode(`execvm: ${story}\n`));
}

/** The kernel and the initrd that a machine boots. @throws {MachineError} if there is none for it. */
export async function findFiles(
  { kernel, initrd }: VmOptions,
  arch: KernelArch,
  onPhase?: OnMachinePhase,
): Promise<{ kernel: string; initrd: string }> {
  if (kernel !== undefined && initrd !== undefined) return { kernel, initrd };
  // One of the cache comes with its own modules.
  const known = (await listKernels()).find(({ image }) => image === kernel);
  if (known !== undefined && known.arch !== arch) {
    throw cannotBoot(`the kernel ${kernel} is for ${known.arch}, and the machine is of ${arch}`);
  }
  const found = known ?? await findKernel(arch);
  if (found === undefined) {
    throw cannotBoot(
      arch === HOST_ARCH
        ? "there is no kernel: run execvm kernel fetch"
        : `there is no kernel of ${arch}: run execvm kernel fetch --arch ${arch}`,
    );
  }
  const onProgress = (step: string) => onPhase?.("preparing", step);
  const { ensureInitrd } = await import("../../guest-build/ensure_initrd.ts");
  return {
    kernel: kernel ?? found.image,
    initrd: initrd ?? await ensureInitrd(found, { onProgress }),
  };
}

function cannotBoot(fact: string): MachineError {
  return new MachineError(`Cannot boot as ${fact}`, "start", [], "");
}
