// Rows of the table that take too long where KVM is emulated, eleven minutes, so that they are run on demand,
// by `deno task test:kvm tests/kvm/guest/bulk_rows.ts`.

/** Their names. */
export const BULK: readonly string[] = ["1 GiB comes through with the same sha256"];
