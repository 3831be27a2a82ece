// What a build needs of the machine it runs on.

import { cmd, type Runner } from "../mod.ts";
import type { KernelArch } from "../src/vm/kernel.ts";

/** Debian's package of each program that is called. */
const PROGRAMS: Readonly<Record<string, string>> = {
  make: "build-essential",
  gcc: "build-essential",
  ld: "build-essential",
  awk: "mawk",
  flex: "flex",
  bison: "bison",
  bc: "bc",
  tar: "tar",
  xz: "xz-utils",
};

/** What is for one architecture alone: how x86 is compressed. */
const ARCH_PROGRAMS: Readonly<Record<KernelArch, Readonly<Record<string, string>>>> = {
  x86_64: { lz4: "lz4" },
  aarch64: {},
};

/** Prints which of its arguments are no programs, and whether a header is missing. Constant. */
const PROBE = `
for tool do command -v "$tool" >/dev/null || echo "$tool"; done
echo '#include <gelf.h>' | gcc -E -o /dev/null - 2>/dev/null || echo gelf.h
exit 0`;

/** @throws {Error} if something is missing where `runner` runs, with the line that installs it. */
export async function requireTools(runner: Runner, arch: KernelArch): Promise<void> {
  const packages: Readonly<Record<string, string>> = {
    ...PROGRAMS,
    ...ARCH_PROGRAMS[arch],
    "gelf.h": "libelf-dev",
  };
  const programs = Object.keys(packages).filter((name) => name !== "gelf.h");
  const missing = (await cmd("sh", "-c", PROBE, "sh", ...programs).lines({ runner }))
    .filter((name) => name !== "");
  if (missing.length === 0) return;
  const wanted = [...new Set(missing.map((name) => packages[name]!))].join(" ");
  throw new Error(
    `Cannot build a kernel as there is no ${missing.join(", ")} (${runner.kind}): ` +
      `apt-get install --no-install-recommends ${wanted}`,
  );
}
