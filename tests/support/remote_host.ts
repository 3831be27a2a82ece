// A host without execvm that has Deno and a separate cache.

import { dirname } from "node:path";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { makeHost, type TestHost } from "./sshd.ts";

/** Such a host. */
export interface RemoteHost extends TestHost {
  /** Its user's cache, with only our kernels and initrds. */
  readonly cache: string;
}

/** Makes such a host. @param environment more variables of its sessions */
export async function makeRemoteHost(
  environment: Readonly<Record<string, string>> = {},
): Promise<RemoteHost> {
  const host = await makeHost((folder) => ({
    PATH: `${
      dirname(Deno.execPath())
    }:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: `${folder}/home`,
    EXECVM_CACHE: `${folder}/home/cache`,
    ...environment,
  }));
  const cache = `${host.folder}/home/cache`;
  Deno.mkdirSync(cache, { recursive: true });
  for (const name of ["kernels", "initrds"]) {
    Deno.mkdirSync(`${cacheDir()}/${name}`, { recursive: true });
    Deno.symlinkSync(`${cacheDir()}/${name}`, `${cache}/${name}`);
  }
  return { ...host, cache };
}
