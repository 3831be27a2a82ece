// A host that has nothing of execvm yet but Deno, and a cache of its own.

import { dirname } from "node:path";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { makeHost, type TestHost } from "./sshd.ts";

/** Such a host. */
export interface RemoteHost extends TestHost {
  /** The cache of its user, in which are kernels and initrds only: ours. */
  readonly cache: string;
}

/** Makes one. @param environment more variables of its sessions */
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
