// Wraps QEMU with a log of what it is started for.

import { openDir } from "./open_dir.ts";

/** A program that is started as QEMU. Disposing it removes the program. */
export interface LoggingQemu extends Disposable {
  /** The path of the program. */
  readonly qemu: string;
  /**
   * Returns what it was started for since the last call: each `boot`, `clone` or `template`, in
   * order.
   */
  starts(): string[];
}

/** The lines of sh that run before QEMU is started. */
export interface BeforeStart {
  readonly template?: string;
  readonly clone?: string;
}

/** Makes a program that logs and then starts QEMU. */
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
  let told = 0; // the log is not truncated, as QEMU may be appending
  return {
    qemu,
    starts() {
      const lines = Deno.readTextFileSync(log).split("\n").slice(0, -1); // skips an incomplete line
      return lines.slice(told, told = lines.length);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
