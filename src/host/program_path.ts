// Where a program of this machine is, without running it.

/** Where programs are looked for when PATH says nothing. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Where those of root are, which PATH has only for root. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/sbin"];

/** The path of a program by its name, as PATH says, else where those of root are; undefined if there is none. */
export function programPath(name: string): string | undefined {
  if (name.includes("/")) return name;
  const folders = (Deno.env.get("PATH") ?? DEFAULT_PATH).split(":");
  return [...folders.map((folder) => folder || "."), ...SYSTEM_FOLDERS]
    .map((folder) => `${folder}/${name}`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
