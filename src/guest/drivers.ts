// Unbinds the drives from their drivers and binds them again. A driver reads the properties of a
// drive, such as its size, when it is bound; so a template does not contain those of its clones'
// drives.

/** The folders of the drivers that have drives. */
const DRIVERS = ["/sys/bus/virtio/drivers/virtio_blk", "/sys/bus/virtio/drivers/virtio_scsi"];

let released: (readonly [driver: string, device: string])[] = [];

/** Unbinds all drives from their drivers. */
export function releaseDrives(): void {
  released = DRIVERS.flatMap((driver) =>
    devicesOf(driver).map((device) => [driver, device] as const)
  );
  for (const [driver, device] of released) Deno.writeTextFileSync(`${driver}/unbind`, device);
}

/** Binds the drives again that {@linkcode releaseDrives} has unbound. */
export function takeUpDrives(): void {
  for (const [driver, device] of released) Deno.writeTextFileSync(`${driver}/bind`, device);
  released = [];
}

function devicesOf(driver: string): string[] {
  try {
    return [...Deno.readDirSync(driver)].map(({ name }) => name)
      .filter((name) => /^virtio\d+$/.test(name))
      .sort((a, b) => Number(a.slice("virtio".length)) - Number(b.slice("virtio".length)));
  } catch {
    return []; // no such driver
  }
}
