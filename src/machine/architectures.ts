// Properties of the architectures that guests can have. Pure.

/** An architecture of guests and their kernels. */
export type KernelArch = "x86_64" | "aarch64";

/** The architecture of this machine. */
export const HOST_ARCH: KernelArch = Deno.build.arch;

/** The parameters of QEMU and Linux for an architecture. */
export interface Architecture {
  /** QEMU's program, and Debian's package with it. */
  readonly qemu: string;
  readonly qemuPackage: string;
  /** QEMU's machine type. */
  readonly machine: string;
  /** The CPU model that TCG emulates; undefined for QEMU's default. */
  readonly cpu: string | undefined;
  /** The name of the first serial port in the guest. */
  readonly console: string;
  /** Further kernel parameters. */
  readonly kernelParams: readonly string[];
  /** Its name in Debian and Ubuntu. */
  readonly debian: string;
  /** Its name in npm's packages of Deno. */
  readonly npm: string;
}

/** The architectures by name. */
export const ARCHITECTURES: Readonly<Record<KernelArch, Architecture>> = {
  x86_64: {
    qemu: "qemu-system-x86_64",
    qemuPackage: "qemu-system-x86",
    machine: "q35",
    cpu: undefined,
    console: "ttyS0",
    // The kernel counts ticks to check its timer. Emulated on a busy host it may see none, and
    // panics; under KVM it skips the check as well (kernel-parameters.txt).
    kernelParams: ["no_timer_check"],
    debian: "amd64",
    npm: "x64",
  },
  aarch64: {
    qemu: "qemu-system-aarch64",
    qemuPackage: "qemu-system-arm",
    // By default a machine under TCG has the older interrupt controller, and a machine under KVM
    // does not start on a host with a newer one.
    machine: "virt,gic-version=max",
    cpu: "cortex-a72", // QEMU's default has 32 bits, and `max` signs pointers, which is slow
    console: "ttyAMA0",
    kernelParams: [],
    debian: "arm64",
    npm: "arm64",
  },
};

/** Whether this machine has the given architecture, so that guests need not be emulated. */
export function isNative(arch: KernelArch): boolean {
  return arch === HOST_ARCH;
}

/** Checks an architecture from a command line or JSON. @throws {TypeError} if it is not known. */
export function checkArch(arch: string | undefined): asserts arch is KernelArch | undefined {
  if (arch === undefined || Object.hasOwn(ARCHITECTURES, arch)) return;
  const known = Object.keys(ARCHITECTURES).join(" or ");
  throw new TypeError(
    `cannot make a guest of ${JSON.stringify(arch)}: it must be ${known}`,
  );
}
