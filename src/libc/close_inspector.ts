// Closes the inspector that Deno 2.9.2 and later opens on SIGUSR1.
//
// Deno opens it even if the program handles the signal, and has no option against it. Through its
// port every user of this machine could run code as us.

/** The interval between two looks for the inspector, in milliseconds, and the number of looks. */
const LOOK_MS = 5;
const LOOKS = 200;

/** Closes the inspector if Deno opens it within a second of a SIGUSR1 that has just arrived. */
export async function closeInspector(): Promise<void> {
  const { close, url } = await import("node:inspector");
  for (let looks = 0; looks < LOOKS && url() === undefined; looks++) {
    await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, LOOK_MS)));
  }
  if (url() !== undefined) close();
}
