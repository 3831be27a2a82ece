// Maps files of the host to devices of the guest. Pure: no file is accessed.

/** A device of the guest. A string is its path in the guest, read-only. */
export type DeviceOption = string | {
  /**
   * Its path in the guest: `/dev/vda` to `/dev/vdz` for disks, `/dev/sr0` to `/dev/sr9` for cdroms.
   */
  readonly path: string;
  /** Whether the guest may change the file. @default false */
  readonly write?: boolean;
};

/** Devices of the guest by the path of a file on the host. */
export type DeviceOptions = Readonly<Record<string, DeviceOption>>;

/** A device whose options have been checked. */
export interface PlannedDevice {
  /** Path on the host, as given. */
  readonly file: string;
  /** Its name in the guest's `/dev`. */
  readonly name: string;
  readonly media: "disk" | "cdrom";
  readonly write: boolean;
}

/** Free slots of a PC's bus, apart from the devices of every machine; each disk takes one. */
const MAX_DISKS = 24;

/**
 * Checks the devices and returns them sorted by name. Names need not be consecutive: the guest's
 * init gives each device its name.
 *
 * @throws {TypeError} if an option is malformed.
 * @throws {RangeError} if there is no such device, one is used twice, or there are too many.
 */
export function planDevices(options: DeviceOptions): readonly PlannedDevice[] {
  const devices = Object.entries(options).map(([file, option]) => planDevice(file, option));
  for (const [index, { file, name }] of devices.entries()) {
    const first = devices.slice(0, index).find((other) => other.name === name);
    if (first === undefined) continue;
    throw new RangeError(`cannot attach ${file} at /dev/${name}: ${first.file} is already there`);
  }
  const disks = devices.filter(({ media }) => media === "disk").length;
  if (disks > MAX_DISKS) {
    throw new RangeError(`cannot attach ${disks} disks: a machine has room for ${MAX_DISKS}`);
  }
  return devices.sort((a, b) => a.name < b.name ? -1 : 1);
}

function planDevice(file: string, option: DeviceOption): PlannedDevice {
  const given: unknown = option; // from JSON or JavaScript it may be anything
  const fields: unknown = typeof given === "string" ? { path: given } : given;
  const { path, write = false, ...rest } = Object(fields) as Readonly<Record<string, unknown>>;
  if (file === "" || file.includes("\0")) {
    throw new TypeError(`cannot attach ${JSON.stringify(file)}: it is not a path`);
  }
  if (typeof path !== "string" || typeof write !== "boolean" || Object.keys(rest).length > 0) {
    throw new TypeError(
      `cannot attach ${file} at ${JSON.stringify(given)}: take "/dev/vda" or { path, write: true }`,
    );
  }
  const name = /^\/dev\/(vd[a-z]|sr[0-9])$/.exec(path)?.[1];
  if (name === undefined) {
    throw new RangeError(
      `cannot attach ${file} at ${path}: take /dev/vda to /dev/vdz or /dev/sr0 to /dev/sr9`,
    );
  }
  const media = name.startsWith("sr") ? "cdrom" : "disk";
  if (media === "cdrom" && write) {
    throw new RangeError(`cannot write to ${file} at ${path}: that is a cdrom`);
  }
  return { file, name, media, write };
}

/**
 * Parses `HOST:GUEST` or `HOST:GUEST:rw`, where HOST may contain colons, into an entry of
 * {@linkcode DeviceOptions}.
 *
 * @throws {SyntaxError} if it is neither.
 */
export function parseDevice(text: string): readonly [string, DeviceOption] {
  const [, file, path, mode] = /^(.+):(\/dev\/[^:]+)(:rw|:ro)?$/s.exec(text) ?? [];
  if (file === undefined || path === undefined) {
    throw new SyntaxError(`"${text}" is not a device: take HOST:/dev/vda or HOST:/dev/vda:rw`);
  }
  return [file, mode === ":rw" ? { path, write: true } : path];
}
