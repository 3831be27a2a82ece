// Sets the cache for tests when this module is loaded, so that they leave no image and no template
// in the user's. What is fetched or built independently of tests is shared with the user's.

import { cacheDir } from "../../src/host/cache_dir.ts";
import { killWithUs } from "../../src/host/watchdog.ts";

/** The folders of the user's cache that tests share and fill. */
const LINKED = ["kernels", "initrds", "guests", "roots", "busybox", "denort"] as const;

/**
 * The variable with its path for all processes of a test run, and for test files, each of which
 * loads its own copy of this module.
 */
const SHARED = "EXECVM_TEST_CACHE";

if (Deno.env.get(SHARED) === undefined) {
  const own = cacheDir();
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-cache-" });
  killWithUs({ path: folder }); // removed when this process ends
  for (const name of LINKED) {
    Deno.mkdirSync(`${own}/${name}`, { recursive: true });
    Deno.symlinkSync(`${own}/${name}`, `${folder}/${name}`);
  }
  Deno.env.set("EXECVM_CACHE", folder);
  Deno.env.set(SHARED, folder);
}
