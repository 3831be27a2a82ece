// Puts in place what the tests need beside Deno: programs, and a kernel that reads a cpio archive. On
// Debian and Ubuntu as root it installs what is missing; elsewhere it says what to install, and the
// tests that need it are skipped.

import { isFile, isInstalled } from "./support/tools.ts";
import { KERNEL } from "./support/kernel.ts";

/** Which package has a program, in Debian and Ubuntu. */
const PACKAGES: Readonly<Record<string, string>> = {
  strace: "strace",
  bsdtar: "libarchive-tools",
  cpio: "cpio",
  busybox: "busybox-static",
  "qemu-system-x86_64": "qemu-system-x86",
};

const missing = Object.entries(PACKAGES).filter(([tool]) => !isInstalled(tool)).map(([, name]) =>
  name
);
const canInstall = isInstalled("apt-get") && Deno.uid() === 0;

if (canInstall) {
  if (missing.length > 0) {
    await run("apt-get", "update", "-qq");
    await run("apt-get", "install", "-qq", "-y", "--no-install-recommends", ...missing);
  }
  if (!isFile(KERNEL)) await fetchKernel();
} else if (missing.length > 0) {
  say(`Some tests will be skipped. To run them all: apt-get install ${missing.join(" ")}`);
}

/** The distribution's cloud kernel, which is taken out of its package and not installed. */
async function fetchKernel(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    // apt-get drops its rights to download, and needs a folder that it can then write to.
    await Deno.chmod(folder, 0o777);
    const name = await newestKernelPackage();
    await run({ cwd: folder }, "apt-get", "download", "-qq", name);
    const archive = [...Deno.readDirSync(folder)].find((entry) => entry.name.endsWith(".deb"))!;
    await run("dpkg-deb", "-x", `${folder}/${archive.name}`, `${folder}/root`);
    const image = [...Deno.readDirSync(`${folder}/root/boot`)].find((entry) =>
      entry.name.startsWith("vmlinuz")
    )!;
    await Deno.mkdir(KERNEL.slice(0, KERNEL.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(`${folder}/root/boot/${image.name}`, `${KERNEL}.part`);
    await Deno.rename(`${KERNEL}.part`, KERNEL);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function newestKernelPackage(): Promise<string> {
  const { stdout } = await new Deno.Command("apt-cache", {
    args: ["depends", "linux-image-cloud-amd64"],
  }).output();
  const name = /Depends: (linux-image-\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
  if (name !== undefined) return name;
  await run("apt-get", "update", "-qq");
  return await newestKernelPackage();
}

async function run(...words: (string | { cwd: string })[]): Promise<void> {
  const options = words.filter((word) => typeof word !== "string");
  const [program, ...args] = words.filter((word) => typeof word === "string");
  const { success, stdout, stderr } = await new Deno.Command(program!, {
    args,
    ...options[0],
    env: { DEBIAN_FRONTEND: "noninteractive" },
  }).output();
  if (success) return;
  say(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  say(`Cannot set up the tests as this failed: ${[program, ...args].join(" ")}`);
  Deno.exit(1);
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
