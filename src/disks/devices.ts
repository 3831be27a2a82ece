// Which file of the host a guest sees as which device. Pure: no file is looked at.

/** A device of the guest; alone, its path there means that it is read-only. */
export type DeviceOption = string | {
  /** Its path in the guest: `/dev/vda` to `/dev/vdz` for disks, `/dev/sr0` to `/dev/sr9` for cdroms. */
  readonly path: string;
  /** Whether the guest may change the file. @default false */
  readonly write?: boolean;
};

/** Files of the host, each with the device that it is in the guest. */
export type DeviceOptions = Readonly<Record<string, DeviceOption>>;

/** A device to be. */
export interface PlannedDevice {
  /** Path on the host, as it was given. */
  readonly file: string;
  /** Its name in the guest's `/dev`. */
  readonly name: string;
  readonly media: "disk" | "cdrom";
  readonly write: boolean;
}

/** Slots that a PC's bus has free beside what every machine has, one for each disk. */
const MAX_DISKS = 24;

/**
 * The devices, in the order of their names. Names may leave some out: the guest's init sees to it that
 * each device has its own.
 *
 * @throws {TypeError} if an option is not what it should be.
 * @throws {RangeError} if there is no such device, one is named twice, or they are too many.
 */
export function planDevices(options: DeviceOptions): readonly PlannedDevice[] {
  const devices = Object.entries(options).map(([file, option]) => planDevice(file, option));
  for (const [index, { file, name }] of devices.entries()) {
    const first = devices.slice(0, index).find((other) => other.name === name);
    if (first === undefined) continue;
    throw new RangeError(`Cannot attach ${file} at /dev/${name} as ${first.file} is there`);
  }
  const disks = devices.filter(({ media }) => media === "disk").length;
  if (disks > MAX_DISKS) {
    throw new RangeError(`Cannot attach ${disks} disks as a machine has room for ${MAX_DISKS}`);
  }
  return devices.sort((a, b) => a.name < b.name ? -1 : 1);
}

function planDevice(file: string, option: DeviceOption): PlannedDevice {
  const given: unknown = option; // from JSON or JavaScript it may be anything
  const fields: unknown = typeof given === "string" ? { path: given } : given;
  const { path, write = false, ...rest } = Object(fields) as Readonly<Record<string, unknown>>;
  if (file === "" || file.includes("\0")) {
    throw new TypeError(`Cannot attach ${JSON.stringify(file)} as it is no path`);
  }
  if (typeof path !== "string" || typeof write !== "boolean" || Object.keys(rest).length > 0) {
    throw new TypeError(
      `Cannot attach ${file} at ${JSON.stringify(given)}: take "/dev/vda" or { path, write: true }`,
    );
  }
  const name = /^\/dev\/(vd[a-z]|sr[0-9])$/.exec(path)?.[1];
  if (name === undefined) {
    throw new RangeError(
      `Cannot attach ${file} at ${path} as it is none of /dev/vda to /dev/vdz, /dev/sr0 to /dev/sr9`,
    );
  }
  const media = name.startsWith("sr") ? "cdrom" : "disk";
  if (media === "cdrom" && write) {
    throw new RangeError(`Cannot write to ${file} at ${path} as that is a cdrom`);
  }
  return { file, name, media, write };
}

/**
 * An entry of {@linkcode DeviceOptions} out of `HOST:GUEST` or `HOST:GUEST:rw`, in which HOST may have
 * colons of its own.
 *
 * @throws {SyntaxError} if it is neither.
 */
export function parseDevice(text: string): readonly [string, DeviceOption] {
  const [, file, path, mode] = /^(.+):(\/dev\/[^:]+)(:rw|:ro)?$/s.exec(text) ?? [];
  if (file === undefined || path === undefined) {
    throw new SyntaxError(`"${text}" is no device: take HOST:/dev/vda or HOST:/dev/vda:rw`);
  }
  return [file, mode === ":rw" ? { path, write: true } : path];
}
