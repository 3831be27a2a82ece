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
