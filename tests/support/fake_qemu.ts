// A program that is started as QEMU and misbehaves as wanted.

import { fileURLToPath } from "node:url";
import { openDir } from "./open_dir.ts";
import { OpenPrograms } from "./open_program.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/fake_qemu.ts", import.meta.url));

/** Kept for as long as this process. */
let programs: OpenPrograms | undefined;

/** Files that a machine needs; they are removed when disposed. */
export interface FakeMachine extends Disposable {
  /** Path of the program. */
  readonly qemu: string;
  /** Paths of files that nobody reads. */
  readonly kernel: string;
  readonly initrd: string;
  /** In its command line, and that of no other process. */
  readonly mark: string;
}

/** Makes a program that does `misdeed` (see fixtures/fake_qemu.ts), for anybody to start. */
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
