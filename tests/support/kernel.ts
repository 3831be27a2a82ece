// The kernel that tests boot: put there by tests/setup.ts.

const HOME = Deno.env.get("HOME") ?? "/root";
const CACHE = Deno.env.get("XDG_CACHE_HOME") ?? `${HOME}/.cache`;

/** Its path, whether it is there or not. */
export const KERNEL: string = `${CACHE}/execvm/tests/vmlinuz`;
