// Makes programs that are started as QEMU and misbehave in a chosen way.

import { fileURLToPath } from "node:url";
import { openDir } from "./open_dir.ts";
import { OpenPrograms } from "./open_program.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/fake_qemu.ts", import.meta.url));

/** Kept until this process exits. */
let programs: OpenPrograms | undefined;

/** The files that a machine needs. Disposing it removes them. */
export interface FakeMachine extends Disposable {
  /** The path of the program. */
  readonly qemu: string;
  /** Paths of files that are never read. */
  readonly kernel: string;
  readonly initrd: string;
  /** A text in its command line, and in that of no other process. */
  readonly mark: string;
}

/** Makes a program that does `misdeed` (see fixtures/fake_qemu.ts), and that any user can start. */
export function fakeMachine(misdeed: string, version = "7.2.0"): FakeMachine {
  const folder = openDir();
  const argv = (programs ??= new OpenPrograms()).argv(PROGRAM);
  const path = (name: string) => `${folder.path}/${name}`;
  const script = [
    "#!/bin/sh",
    `export DENO_DIR=/nonexistent FAKE_VERSION='${version}' FAKE_QEMU='${misdeed}'`,
    `exec ${argv.map((word) => `'${word}'`).join(" ")} "$@"`,
  ];
  Deno.writeTextFileSync(path("qemu"), script.join("\n"), { mode: 0o755 });
  for (const name of ["kernel", "initrd"]) Deno.writeTextFileSync(path(name), name);
  return {
    qemu: path("qemu"),
    kernel: path("kernel"),
    initrd: path("initrd"),
    mark: folder.path,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
