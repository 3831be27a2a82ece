// Makes temporary folders that every user can enter, because QEMU runs as nobody if the tests run
// as root.

import { tempDir } from "./temp_dir.ts";

/** Makes an empty folder of mode 0755. Disposing it removes it with its contents. */
export function openDir(): { readonly path: string } & Disposable {
  const folder = tempDir(isOpen(Deno.env.get("TMPDIR") ?? "/tmp") ? undefined : "/tmp");
  Deno.chmodSync(folder.path, 0o755);
  return folder;
}

/** Whether every user can enter a folder and all folders above it. */
export function isOpen(folder: string): boolean {
  for (let path = Deno.realPathSync(folder); path !== ""; path = path.replace(/\/[^/]*$/, "")) {
    if ((Deno.statSync(path).mode! & 0o001) === 0) return false;
  }
  return true;
}
