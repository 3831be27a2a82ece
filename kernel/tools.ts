// What a build needs of the machine it runs on.

import { cmd, type Runner } from "../mod.ts";
import type { KernelArch } from "../src/machine/architectures.ts";

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

/** What compiles for an architecture elsewhere: what its programs' names begin with, and Debian's package. */
const CROSS: Readonly<Record<KernelArch, { prefix: string; package: string }>> = {
  x86_64: { prefix: "x86_64-linux-gnu-", package: "gcc-x86-64-linux-gnu" },
  aarch64: { prefix: "aarch64-linux-gnu-", package: "gcc-aarch64-linux-gnu" },
};

/** What the compiler is called by which `runner` makes a kernel for `arch`; undefined if by its own. */
export async function crossPrefix(runner: Runner, arch: KernelArch): Promise<string | undefined> {
  const machine = await cmd("uname", "-m").text({ runner });
  return machine === arch ? undefined : CROSS[arch].prefix;
}

/** Prints which of its arguments are no programs, and whether a header is missing. Constant. */
const PROBE = `
for tool do command -v "$tool" >/dev/null || echo "$tool"; done
echo '#include <gelf.h>' | gcc -E -o /dev/null - 2>/dev/null || echo gelf.h
exit 0`;

/**
 * @param cross what {@linkcode crossPrefix} says
 * @throws {Error} if something is missing where `runner` runs, with the line that installs it.
 */
export async function requireTools(
  runner: Runner,
  arch: KernelArch,
  cross?: string,
): Promise<void> {
  const packages: Readonly<Record<string, string>> = {
    ...PROGRAMS,
    ...ARCH_PROGRAMS[arch],
    ...(cross !== undefined && { [`${cross}gcc`]: CROSS[arch].package }),
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
