// Checks that a runner has the tools to build a kernel.

import { cmd, type Runner } from "../mod.ts";
import type { KernelArch } from "../src/machine/architectures.ts";

/** Debian's package of each program that a build runs. */
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

/** Programs for one architecture only: the compressor of x86 images. */
const ARCH_PROGRAMS: Readonly<Record<KernelArch, Readonly<Record<string, string>>>> = {
  x86_64: { lz4: "lz4" },
  aarch64: {},
};

/** The cross compiler for each architecture: the prefix of its programs, and Debian's package. */
const CROSS: Readonly<Record<KernelArch, { prefix: string; package: string }>> = {
  x86_64: { prefix: "x86_64-linux-gnu-", package: "gcc-x86-64-linux-gnu" },
  aarch64: { prefix: "aarch64-linux-gnu-", package: "gcc-aarch64-linux-gnu" },
};

/** The prefix of the cross compiler that `runner` needs for `arch`; undefined if it needs none. */
export async function crossPrefix(runner: Runner, arch: KernelArch): Promise<string | undefined> {
  const machine = await cmd("uname", "-m").text({ runner });
  return machine === arch ? undefined : CROSS[arch].prefix;
}

/** Prints its arguments that are not programs, and the header if it is missing. Constant. */
const PROBE = `
for tool do command -v "$tool" >/dev/null || echo "$tool"; done
echo '#include <gelf.h>' | gcc -E -o /dev/null - 2>/dev/null || echo gelf.h
exit 0`;

/**
 * Checks that a runner has all tools.
 *
 * @param cross the result of {@linkcode crossPrefix}
 * @throws {Error} if a tool is missing on the runner, with the command that installs it.
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
    `cannot build a kernel: there is no ${missing.join(", ")} (${runner.kind}): ` +
      `apt-get install --no-install-recommends ${wanted}`,
  );
}
