// Deno 2.9.2 and later opens its inspector when SIGUSR1 comes, whoever else listens to it, and can be told not to by
// nothing: a port of this machine by which everybody on it could run code as us.

/** How often it is looked for, and for how long in all, in milliseconds. */
const LOOK_MS = 5;
const LOOKS = 200;

/** Closes the inspector that Deno opens at a SIGUSR1 that has just come, if it does. */
export async function closeInspector(): Promise<void> {
  const { close, url } = await import("node:inspector");
  for (let looks = 0; looks < LOOKS && url() === undefined; looks++) {
    await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, LOOK_MS)));
  }
  if (url() !== undefined) close();
}
