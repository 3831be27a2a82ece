// Opens the virtio-serial ports to the host.

import { type Fd, openDevice } from "../libc/fd.ts";
import { PORTS } from "../machine/protocol.ts";

const FOLDER = "/sys/class/virtio-ports";

/** The ports, open. */
export type Ports = Readonly<Record<keyof typeof PORTS, Fd>>;

/**
 * Opens the ports to the host; `undefined` if there are none, as in a QEMU that execvm did not
 * start.
 *
 * @throws {Error} if only some of them exist.
 * @throws {SystemError} if one cannot be opened.
 */
export function openPorts(): Ports | undefined {
  const devices = findDevices();
  if (!devices.has(PORTS.control)) return undefined;
  const ports = Object.entries(PORTS).map(([key, name]) => {
    const device = devices.get(name);
    if (device === undefined) {
      throw new Error(`cannot reach the host: the port ${name} is missing`);
    }
    return [key, openDevice(device)];
  });
  return Object.fromEntries(ports);
}

/** The drivers of the ports, each with the option of a kernel that has it. */
const DRIVERS = [
  ["/sys/bus/virtio/drivers/virtio_console", "CONFIG_VIRTIO_CONSOLE"],
  ["/sys/bus/pci/drivers/virtio-pci", "CONFIG_VIRTIO_PCI"],
] as const;

const PCI_DEVICES = "/sys/bus/pci/devices";
/** Virtio's vendor, and the old and new number of its console (virtio 1.2, 4.1.2 and 5). */
const VENDOR = "0x1af4";
const CONSOLES = ["0x1003", "0x1043"];

/**
 * Checks, where {@linkcode openPorts} has found none, that no host waits at the other end.
 *
 * @throws {Error} if this machine has ports for which the kernel has no driver.
 */
export function requireNoPorts(): void {
  const lacking = DRIVERS.filter(([path]) => !exists(path)).map(([, option]) => option);
  if (lacking.length === 0 || !hasConsoleDevice()) return;
  throw new Error(`the kernel lacks ${lacking.join(" and ")}: build them in, or give its modules`);
}

function hasConsoleDevice(): boolean {
  if (!exists(PCI_DEVICES)) return false;
  return [...Deno.readDirSync(PCI_DEVICES)].some(({ name }) => {
    const read = (file: string) => Deno.readTextFileSync(`${PCI_DEVICES}/${name}/${file}`).trim();
    return read("vendor") === VENDOR && CONSOLES.includes(read("device"));
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Device files by the names of ports. */
function findDevices(): Map<string, string> {
  const devices = new Map<string, string>();
  try {
    for (const { name } of Deno.readDirSync(FOLDER)) {
      devices.set(Deno.readTextFileSync(`${FOLDER}/${name}/name`).trim(), `/dev/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // no virtio-serial at all
  }
  return devices;
}
