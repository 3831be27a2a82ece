// Letting go of drives and taking them up again: what a driver knows of one, such as its size, it learns
// when it takes it up. So a template holds none of the drives of its clones.

/** Drivers that have drives, by the folder where theirs are. */
const DRIVERS = ["/sys/bus/virtio/drivers/virtio_blk", "/sys/bus/virtio/drivers/virtio_scsi"];

let released: (readonly [driver: string, device: string])[] = [];

/** Takes all drives from their drivers. */
export function releaseDrives(): void {
  released = DRIVERS.flatMap((driver) =>
    devicesOf(driver).map((device) => [driver, device] as const)
  );
  for (const [driver, device] of released) Deno.writeTextFileSync(`${driver}/unbind`, device);
}

/** Gives them back. */
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
