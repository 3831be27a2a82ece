// Installs what the tests need besides Deno: programs, and a kernel for virtual machines. As root on
// Debian and Ubuntu it installs what is missing; elsewhere it prints what to install, and the tests
// that need it are skipped. `--without PROGRAM` leaves one out.

import { parseArgs } from "node:util";
import { ensureForeignParts } from "../guest-build/foreign_parts.ts";
import { fetchKernel } from "../src/kernels/fetch.ts";
import { findKernel } from "../src/kernels/find.ts";
import { isNative } from "../src/machine/architectures.ts";
import { isInstalled } from "./support/tools.ts";

/** The package of each program, in Debian and Ubuntu. */
const PACKAGES: Readonly<Record<string, string>> = {
  strace: "strace",
  bsdtar: "libarchive-tools",
  cpio: "cpio",
  busybox: "busybox-static",
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-system-aarch64": "qemu-system-arm",
  "mkfs.ext4": "e2fsprogs",
  mksquashfs: "squashfs-tools",
  "mkfs.erofs": "erofs-utils",
  xorriso: "xorriso",
  dockerd: "docker.io",
  ssh: "openssh-client",
  "/usr/sbin/sshd": "openssh-server",
  "/usr/sbin/slurmctld": "slurm-wlm",
  "/usr/sbin/munged": "munge",
  setfattr: "attr",
  xz: "xz-utils",
  zstd: "zstd",
  mmdebstrap: "mmdebstrap",
  skopeo: "skopeo",
  umoci: "umoci",
  zsh: "zsh",
  fish: "fish",
  python3: "python3",
  chromium: "chromium",
  pip3: "python3-pip",
};

/** Keeps systemctl from starting anything (systemd, docs/ENVIRONMENT.md). */
const OFFLINE = { SYSTEMD_OFFLINE: "1" } as const;

/**
 * Services that packages start by themselves, now and at each boot; the tests start their own
 * servers.
 */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["docker.service", "docker.socket", "containerd.service"],
  "openssh-server": ["ssh.service", "ssh.socket"],
  "slurm-wlm": ["slurmctld.service", "slurmd.service"],
  munge: ["munge.service"],
};

const { without } = parseArgs({
  args: Deno.args,
  options: { without: { type: "string", multiple: true, default: [] } },
}).values;
const missing = Object.entries(PACKAGES)
  .filter(([tool]) => !isInstalled(tool) && !without.includes(tool)).map(([, name]) => name);
const canInstall = isInstalled("apt-get") && Deno.uid() === 0;

const hasKernel = await findKernel() !== undefined;

if (canInstall && (missing.length > 0 || !hasKernel)) await run("apt-get", "update", "-qq");
if (canInstall && missing.length > 0) {
  await run("apt-get", "install", "-qq", "-y", "--no-install-recommends", ...missing);
  const services = missing.flatMap((name) => SERVICES[name] ?? []);
  for (const service of isInstalled("systemctl") ? services : []) {
    await new Deno.Command("systemctl", { args: ["disable", service], env: OFFLINE }).output();
  }
} else if (missing.length > 0) {
  say(`Some tests will be skipped. To run them all: apt-get install ${missing.join(" ")}`);
}
// Newer releases have docker's command line in a separate package.
if (canInstall && !isInstalled("docker")) {
  await run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "docker-cli");
}
for (const arch of ["x86_64", "aarch64"] as const) {
  try {
    if (await findKernel(arch) === undefined) await fetchKernel({ arch });
    if (!isNative(arch)) await ensureForeignParts(arch);
  } catch (error) {
    say(`Tests in machines of ${arch} will be skipped: ${(error as Error).message}`);
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { DEBIAN_FRONTEND: "noninteractive", ...OFFLINE },
  }).output();
  if (success) return;
  say(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  say(`cannot set up the tests: this failed: ${[program, ...args].join(" ")}`);
  Deno.exit(1);
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
