// Inspects the files that become disks, before a machine starts.

import { MachineError } from "../machine/machine_error.ts";
import { messageOf } from "../model/errors.ts";
import type { PlannedDevice } from "./devices.ts";
import { type DiskHeader, HEADER_BYTES, readDiskHeader } from "./disk_header.ts";
import type { Drive } from "./drives.ts";

/** A file that has been inspected. */
export interface InspectedDrive {
  readonly drive: Drive;
  readonly header: DiskHeader;
}

/**
 * Checks that the file of a device exists and can be read, or written if required, and determines
 * its format. Its path becomes absolute.
 *
 * @throws {MachineError} if it cannot be used.
 */
export async function inspectDrive(device: PlannedDevice): Promise<InspectedDrive> {
  const { file, name, write } = device;
  const refuse = (fact: string, cause?: unknown) =>
    new MachineError(`cannot attach ${file} at /dev/${name}: ${fact}`, "start", [], "", cause);
  const info = await Deno.stat(file).catch((error) => {
    const isMissing = error instanceof Deno.errors.NotFound;
    throw refuse(isMissing ? "there is no such file" : messageOf(error), error);
  });
  const isBlockDevice = info.isBlockDevice === true;
  if (!info.isFile && !isBlockDevice) {
    throw refuse(info.isDirectory ? "it is a folder" : "it is not a file");
  }
  const header = readDiskHeader(
    await readStart(file, write).catch((error) => {
      throw refuse(
        `it cannot be ${write ? "written" : "read"}: ${messageOf(error)}`,
        error,
      );
    }),
  );
  if (header.fact !== undefined) throw refuse(header.fact);
  const { format } = header;
  const path = await Deno.realPath(file);
  return { drive: { ...device, file: path, format, isBlockDevice }, header };
}

/** Reads the first bytes of a file, opened in the mode that QEMU will open it in. */
async function readStart(path: string, write: boolean): Promise<Uint8Array> {
  using opened = await Deno.open(path, { read: true, write });
  const bytes = new Uint8Array(HEADER_BYTES);
  let filled = 0;
  while (filled < bytes.length) {
    const count = await opened.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
