// The cache that tests use, from when this module is loaded: the user's own has no image and no template of
// tests after them. What is fetched or built without a test having a say in it is shared with that one.

import { cacheDir } from "../../src/host/cache_dir.ts";
import { killWithUs } from "../../src/host/watchdog.ts";

/** Folders of the user's cache that tests use, and fill, as they are. */
const LINKED = ["kernels", "initrds", "guests", "roots", "busybox", "denort"] as const;

/** Where it is told to all processes of a test run, and to test files, each of which loads its own copy of this. */
const SHARED = "EXECVM_TEST_CACHE";

if (Deno.env.get(SHARED) === undefined) {
  const own = cacheDir();
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-cache-" });
  killWithUs({ path: folder }); // it goes when this process does
  for (const name of LINKED) {
    Deno.mkdirSync(`${own}/${name}`, { recursive: true });
    Deno.symlinkSync(`${own}/${name}`, `${folder}/${name}`);
  }
  Deno.env.set("EXECVM_CACHE", folder);
  Deno.env.set(SHARED, folder);
}
