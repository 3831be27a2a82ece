// Makes the folder of a running machine, for its sockets and the files that QEMU is given access
// to. Only QEMU's user may enter it.

import { makeTempFolder } from "../host/temp_folder.ts";
import { isReachable, type QemuUser } from "./privileges.ts";

/** A folder that is removed when it is disposed, or when this process is killed. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Bytes of a socket's path (sun_path, sys/un.h) minus the NUL and
 * `/execvm-0123456789abcdef/control`.
 */
const MAX_PARENT_BYTES = 108 - 1 - 32;

/** Makes a new folder with mode 0700 that belongs to `user`, else to us. */
export async function makeRunFolder(user: QemuUser | undefined): Promise<RunFolder> {
  const { path, cleanup } = makeTempFolder({ dir: await parentFor(user), prefix: "execvm-" });
  const folder = {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
      cleanup[Symbol.dispose]();
    },
  };
  try {
    if (user !== undefined) await Deno.chown(path, user.uid, user.gid);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  return folder;
}

/** TMPDIR; /tmp if socket paths there would be too long, or `user` cannot enter it. */
async function parentFor(user: QemuUser | undefined): Promise<string> {
  const wanted = Deno.env.get("TMPDIR") ?? "";
  const fits = wanted.startsWith("/") &&
    new TextEncoder().encode(wanted).length <= MAX_PARENT_BYTES &&
    (user === undefined || await isReachable(`${wanted}/execvm`).catch(() => false));
  return fits ? wanted : "/tmp";
}
