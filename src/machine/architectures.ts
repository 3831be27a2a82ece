// What differs between the architectures that a guest can be of. Pure.

/** An architecture that kernels are for. */
export type KernelArch = "x86_64" | "aarch64";

/** The architecture of this machine. */
export const HOST_ARCH: KernelArch = Deno.build.arch;

/** What an architecture needs of QEMU and of Linux. */
export interface Architecture {
  /** QEMU's program, and Debian's package of it. */
  readonly qemu: string;
  readonly qemuPackage: string;
  /** QEMU's machine type. */
  readonly machine: string;
  /** The model that TCG is to emulate; undefined for QEMU's default. */
  readonly cpu: string | undefined;
  /** The name of the first serial port in the guest. */
  readonly console: string;
  /** What else its kernel is to be told. */
  readonly kernelParams: readonly string[];
  /** How Debian and Ubuntu call it. */
  readonly debian: string;
  /** How npm's packages of Deno call it. */
  readonly npm: string;
}

/** By name. */
export const ARCHITECTURES: Readonly<Record<KernelArch, Architecture>> = {
  x86_64: {
    qemu: "qemu-system-x86_64",
    qemuPackage: "qemu-system-x86",
    machine: "q35",
    cpu: undefined,
    console: "ttyS0",
    // A kernel that waits for ticks to see whether its timer works sees none while a busy host emulates
    // something else, and panics; under KVM it does not look either (kernel-parameters.txt).
    kernelParams: ["no_timer_check"],
    debian: "amd64",
    npm: "x64",
  },
  aarch64: {
    qemu: "qemu-system-aarch64",
    qemuPackage: "qemu-system-arm",
    // Without the word a machine under TCG has the older interrupt controller, and one on a host with a
    // newer one does not start under KVM.
    machine: "virt,gic-version=max",
    cpu: "cortex-a72", // its default is one of 32 bits, and `max` signs pointers, which is slow
    console: "ttyAMA0",
    kernelParams: [],
    debian: "arm64",
    npm: "arm64",
  },
};

/** Whether this machine can run instructions of an architecture by itself. */
export function isNative(arch: KernelArch): boolean {
  return arch === HOST_ARCH;
}

/** Checks what may come from a command line or JSON. @throws {TypeError} if there is no such architecture. */
export function checkArch(arch: string | undefined): asserts arch is KernelArch | undefined {
  if (arch === undefined || Object.hasOwn(ARCHITECTURES, arch)) return;
  const known = Object.keys(ARCHITECTURES).join(" and ");
  throw new TypeError(
    `Cannot make a guest of ${JSON.stringify(arch)} as it is none of ${known}`,
  );
}
