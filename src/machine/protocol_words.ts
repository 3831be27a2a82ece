// The kernel parameters that describe a machine to its guest.
//
//   execvm.devices=vda,sr0             devices to wait for, each to be given its name
//   execvm.root=DEVICE,TYPE[,rw]       the root of the commands; TYPE may be auto
//   execvm.workspace=DEVICE            an ext4 that writes to the root go to, in place of memory
//   execvm.network=user                the machine has QEMU's user network

/** File systems that can be a root. */
export const ROOT_TYPES = ["ext4", "squashfs", "erofs"] as const;

/** A file system that can be a root. */
export type RootType = typeof ROOT_TYPES[number];

/** The root of the commands. */
export interface RootMount {
  /** Path of its device. */
  readonly device: string;
  /** With `auto`, the first type that can be mounted. */
  readonly type: RootType | "auto";
  /** Whether writes go to the device; else they are discarded at the end. */
  readonly write: boolean;
}

/** The description of a machine for its guest. */
export interface MachineWords {
  /** Names in `/dev` of the attached devices; init waits until they exist. */
  readonly devices: readonly string[];
  readonly root?: RootMount | undefined;
  /** Path of the device that writes to the root go to. */
  readonly workspace?: string | undefined;
  readonly network: "none" | "user";
}

/** Name in `/dev` of the disk with the root; users cannot choose this name. */
export const ROOT_NAME = "execvm-root";

/** Name in `/dev` of the disk that writes to the root go to. */
export const WORKSPACE_NAME = "execvm-workspace";

/** Where a root with a workspace has our files from the initrd: Deno, unless it is compiled in. */
export const GUEST_FOLDER = "/run/execvm/guest";

/** Returns the kernel parameters for a machine. */
export function toKernelParams(
  { devices, root, workspace, network }: MachineWords,
): readonly string[] {
  const params: string[] = [];
  if (devices.length > 0) params.push(`execvm.devices=${devices.join(",")}`);
  // By default the kernel scans for cdroms in the background: Documentation/admin-guide.
  if (devices.some((name) => name.startsWith("sr"))) params.push("scsi_mod.scan=sync");
  if (root !== undefined) {
    params.push(`execvm.root=${root.device},${root.type}${root.write ? ",rw" : ""}`);
  }
  if (workspace !== undefined) params.push(`execvm.workspace=${workspace}`);
  if (network !== "none") params.push(`execvm.network=${network}`);
  return params;
}

/** Parses the parameters of a kernel command line. @throws {Error} if one is malformed. */
export function readKernelParams(commandLine: string): MachineWords {
  const valueOf = (key: string) => new RegExp(`(?:^|\\s)execvm\\.${key}=(\\S*)`).exec(commandLine);
  const devices = valueOf("devices")?.[1]?.split(",").filter((name) => name !== "") ?? [];
  const network = valueOf("network")?.[1] ?? "none";
  if (network !== "none" && network !== "user") {
    throw new Error(`cannot use execvm.network=${network}: take none or user`);
  }
  const root = valueOf("root")?.[1];
  const workspace = valueOf("workspace")?.[1];
  return { devices, root: root === undefined ? undefined : readRoot(root), workspace, network };
}

function readRoot(value: string): RootMount {
  const [device = "", type = "auto", mode, ...rest] = value.split(",");
  const isType = type === "auto" || (ROOT_TYPES as readonly string[]).includes(type);
  const isMode = mode === undefined || mode === "rw" || mode === "ro";
  if (!device.startsWith("/") || !isType || !isMode || rest.length > 0) {
    throw new Error(`cannot use execvm.root=${value}: take /dev/vda, /dev/vda,ext4 or ..,ext4,rw`);
  }
  return { device, type: type as RootMount["type"], write: mode === "rw" };
}
