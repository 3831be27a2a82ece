// The rows of the table that take too long with an emulated KVM, eleven minutes; they run on
// demand, by `deno task test:kvm tests/kvm/guest/bulk_rows.ts`.

/** Their names. */
export const BULK: readonly string[] = ["1 GiB comes through with the same sha256"];
