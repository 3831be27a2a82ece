// The kernel that tests boot: put into the cache by tests/setup.ts.

import { findKernel } from "../../src/vm/kernel.ts";

/** Its path; if there is none, one where nothing is, so that `needs()` sees it missing. */
export const KERNEL: string = (await findKernel())?.image ?? "/no/kernel/in/the/cache";
