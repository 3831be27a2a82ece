// What the kernel command line tells the guest of its machine.
//
//   execvm.devices=vda,sr0             these are there; each is to have its name
//   execvm.root=DEVICE,TYPE[,rw]       the root of the commands; TYPE may be auto
//   execvm.workspace=DEVICE            an ext4 that takes what is written to the root, in place of memory
//   execvm.network=user                QEMU's user network is there

/** File systems that can be a root. */
export const ROOT_TYPES = ["ext4", "squashfs", "erofs"] as const;

/** A file system that can be a root. */
export type RootType = typeof ROOT_TYPES[number];

/** The root of the commands. */
export interface RootMount {
  /** Path of its device. */
  readonly device: string;
  /** `auto`: whichever of them can be mounted. */
  readonly type: RootType | "auto";
  /** Whether what is written goes to the device, or is forgotten. */
  readonly write: boolean;
}

/** What a guest has to know of its machine. */
export interface MachineWords {
  /** Names in `/dev` of the devices that it was given; init waits until they are there. */
  readonly devices: readonly string[];
  readonly root?: RootMount | undefined;
  /** Path of the device that takes what is written to the root. */
  readonly workspace?: string | undefined;
  readonly network: "none" | "user";
}

/** Name in `/dev` of the disk that is the root, which is none of those that a user can name. */
export const ROOT_NAME = "execvm-root";

/** Name in `/dev` of the disk that takes what is written to the root. */
export const WORKSPACE_NAME = "execvm-workspace";

/** Where a root with a workspace has what the initrd has of ours: Deno, unless it is compiled in. */
export const GUEST_FOLDER = "/run/execvm/guest";

/** The words for the kernel command line. */
export function toKernelParams(
  { devices, root, workspace, network }: MachineWords,
): readonly string[] {
  const params: string[] = [];
  if (devices.length > 0) params.push(`execvm.devices=${devices.join(",")}`);
  // Cdroms are looked for in the background unless told otherwise: Documentation/admin-guide.
  if (devices.some((name) => name.startsWith("sr"))) params.push("scsi_mod.scan=sync");
  if (root !== undefined) {
    params.push(`execvm.root=${root.device},${root.type}${root.write ? ",rw" : ""}`);
  }
  if (workspace !== undefined) params.push(`execvm.workspace=${workspace}`);
  if (network !== "none") params.push(`execvm.network=${network}`);
  return params;
}

/** Reads the words again. @throws {Error} if one says what there is not. */
export function readKernelParams(commandLine: string): MachineWords {
  const valueOf = (key: string) => new RegExp(`(?:^|\\s)execvm\\.${key}=(\\S*)`).exec(commandLine);
  const devices = valueOf("devices")?.[1]?.split(",").filter((name) => name !== "") ?? [];
  const network = valueOf("network")?.[1] ?? "none";
  if (network !== "none" && network !== "user") {
    throw new Error(`Cannot have execvm.network=${network}: take none or user`);
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
    throw new Error(`Cannot have execvm.root=${value}: take /dev/vda, /dev/vda,ext4 or ..,ext4,rw`);
  }
  return { device, type: type as RootMount["type"], write: mode === "rw" };
}
