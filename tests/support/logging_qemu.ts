// QEMU, with a log of what it was started for.

import { openDir } from "./open_dir.ts";

/** A program that is started as QEMU; it is removed when disposed. */
export interface LoggingQemu extends Disposable {
  /** Path of the program. */
  readonly qemu: string;
  /** What it has been started for since the last call: each `boot`, `clone` or `template`, in order. */
  starts(): string[];
}

/** What is done before QEMU is started, each a line of sh. */
export interface BeforeStart {
  readonly template?: string;
  readonly clone?: string;
}

/** Makes one that starts QEMU. */
export function loggingQemu({ template = ":", clone = ":" }: BeforeStart = {}): LoggingQemu {
  const folder = openDir(); // QEMU does not run as root
  const [qemu, log] = [`${folder.path}/qemu`, `${folder.path}/log`] as const;
  const script = [
    "#!/bin/sh",
    'case "$*" in',
    "  --version) ;;",
    `  *share=on*) echo template >> '${log}'; ${template} ;;`,
    `  *' -append '*) echo boot >> '${log}' ;;`,
    `  *) echo clone >> '${log}'; ${clone} ;;`,
    "esac",
    'exec qemu-system-x86_64 "$@"',
    "",
  ];
  Deno.writeTextFileSync(qemu, script.join("\n"), { mode: 0o755 });
  Deno.writeTextFileSync(log, "");
  Deno.chmodSync(log, 0o666);
  let told = 0; // nothing is taken out of the log, as a line may just be being added
  return {
    qemu,
    starts() {
      const lines = Deno.readTextFileSync(log).split("\n").slice(0, -1); // each ends with a newline
      return lines.slice(told, told = lines.length);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
