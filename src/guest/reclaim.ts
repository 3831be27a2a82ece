// Sets how the kernel finds memory to reclaim.

const GENERATIONS = "/sys/kernel/mm/lru_gen/enabled";

/**
 * Makes the kernel reclaim memory by its multi-generational LRU, which Debian's kernels contain but
 * leave off. With the older LRU, a program that takes all memory of a machine without swap may be
 * reloaded from disk again and again for minutes before the OOM killer ends it. Kernels without it
 * are left as they are.
 */
export function reclaimByGenerations(): void {
  try {
    Deno.writeTextFileSync(GENERATIONS, "y");
  } catch {
    // a kernel without it, or that does not let it be changed, works too
  }
}
