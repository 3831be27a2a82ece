// Rows of the table that move very much: too long where KVM is emulated, so that they are run on demand,
// by `deno task test:kvm tests/kvm/guest/bulk_rows.ts`.

/** Their names. */
export const BULK: readonly string[] = [
  "1 GiB comes through with the same sha256",
  "64 MiB come back with the same sha256",
  "stdout and stderr may be flooded at once",
  "a slow reader holds the writer back, with flat memory",
  "a writer is not let run ahead of a reader that has stopped",
];
