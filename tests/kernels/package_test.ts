// The packages of a kernel, as distributions split them. A fake apt has packages made here.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { fetchKernel } from "../../src/kernels/fetch.ts";
import { ARCHITECTURES, HOST_ARCH } from "../../src/machine/architectures.ts";
import { openDir } from "../support/open_dir.ts";
import { needs } from "../support/tools.ts";
import { bzImage, moduleElf, ownCache } from "./fixture.ts";

const DEBIAN = ARCHITECTURES[HOST_ARCH].debian;
const NEWEST = `linux-image-cloud-${DEBIAN}`;

/** The dependencies and files of a package. */
interface Package {
  readonly depends?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** A fake `apt-cache show NAME` and `apt-get download NAME=VERSION`, with files next to it. */
const APT = `#!/bin/sh
for name; do :; done
case "$0" in
*/apt-cache) exec cat "\${0%/*}/$name.txt" ;;
*) [ "$1" = --version ] || exec cp "\${0%/*}/\${name%=*}.deb" . ;;
esac
`;

/** Puts a fake apt with these packages into PATH until disposed. */
async function packages(all: Readonly<Record<string, Package>>): Promise<Disposable> {
  const folder = openDir();
  for (const [name, { depends, files = {} }] of Object.entries(all)) {
    const root = `${folder.path}/root-${name}`;
    const fields = [
      `Package: ${name}`,
      "Version: 1-1",
      ...(depends ? [`Depends: ${depends}`] : []),
    ];
    const control = [...fields, "Architecture: all", "Maintainer: tests", "Description: test"];
    const content = { "DEBIAN/control": `${control.join("\n")}\n`, ...files };
    for (const [path, bytes] of Object.entries(content)) {
      Deno.mkdirSync(dirname(`${root}/${path}`), { recursive: true });
      Deno.writeFileSync(`${root}/${path}`, toBytes(bytes));
    }
    const deb = `${folder.path}/${name}.deb`;
    const args = ["--build", "--root-owner-group", root, deb];
    assert.ok((await new Deno.Command("dpkg-deb", { args }).output()).success);
    const bytes = Deno.readFileSync(deb);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const about = [...fields, `Size: ${bytes.length}`, `SHA256: ${sha256}`];
    Deno.writeTextFileSync(`${folder.path}/${name}.txt`, `${about.join("\n")}\n`);
  }
  for (const name of ["apt-cache", "apt-get"]) {
    Deno.writeTextFileSync(`${folder.path}/${name}`, APT, { mode: 0o755 });
  }
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder.path}:${path}`);
  return {
    [Symbol.dispose]() {
      Deno.env.set("PATH", path);
      folder[Symbol.dispose]();
    },
  };
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

const V = "7.2.13-cloud";
const MODULES = `usr/lib/modules/${V}`;
const OVERLAY = { [`${MODULES}/kernel/overlay.ko`]: moduleElf(["depends="]) };
const BUILTIN = { [`${MODULES}/modules.builtin`]: "kernel/fs/ext4/ext4.ko\n" };
const CONFIG = "CONFIG_UNIX=y\nCONFIG_OVERLAY_FS=m\n";

const IMAGES: Record<string, Record<string, Package>> = {
  "one package, as Debian 13 has it": {
    [NEWEST]: { depends: `linux-image-${V} (= 1-1)` },
    [`linux-image-${V}`]: {
      depends: "kmod, linux-base (>= 4)",
      files: {
        ...OVERLAY,
        ...BUILTIN,
        [`boot/config-${V}`]: CONFIG,
        [`boot/vmlinuz-${V}`]: bzImage(V),
      },
    },
  },
  "several packages, of which the one of the image is empty, as Debian 14 has it": {
    [NEWEST]: { depends: `linux-base-cloud (= 1-1), linux-image-${V} (= 1-1)` },
    [`linux-image-${V}`]: {
      depends: `dracut | initramfs-tools, linux-base-${V}, linux-binary-${V}, linux-modules-${V}`,
    },
    [`linux-base-${V}`]: { files: { ...BUILTIN, [`${MODULES}/config`]: CONFIG } },
    [`linux-binary-${V}`]: {
      depends: `linux-base-${V}`,
      files: { [`${MODULES}/vmlinuz`]: bzImage(V) },
    },
    [`linux-modules-${V}`]: { depends: `kmod, linux-base-${V}`, files: OVERLAY },
  },
};

for (const [name, all] of Object.entries(IMAGES)) {
  Deno.test({
    ...needs(`fetchKernel() extracts a kernel from ${name}`, "dpkg-deb"),
    async fn() {
      using _cache = ownCache();
      using _apt = await packages(all);
      const steps: string[] = [];
      const kernel = await fetchKernel({ onProgress: (step) => steps.push(step) });
      assert.equal(kernel.version, V);
      assert.deepEqual(Deno.readFileSync(kernel.image), bzImage(V));
      assert.deepEqual(kernel.modules.map((path) => path.split("/").at(-1)), ["overlay.ko"]);
      // It has ext4 by modules.builtin, unix by its configuration, and nothing else.
      const lacks = steps.find((step) => step.startsWith("this kernel has no "))!;
      assert.match(lacks, / virtio_pci, .* af_packet$/);
      assert.doesNotMatch(lacks, / (ext4|unix|overlay)\b/);
    },
  });
}

Deno.test({
  ...needs("fetchKernel() reports what is missing in packages without a kernel", "dpkg-deb"),
  async fn() {
    using cache = ownCache();
    using _apt = await packages({
      [NEWEST]: { depends: `linux-image-${V}` },
      [`linux-image-${V}`]: { files: BUILTIN },
    });
    const message = `cannot fetch linux-image-${V}: there is no kernel image`;
    await assert.rejects(fetchKernel(), { message });
    assert.deepEqual([...Deno.readDirSync(`${cache.path}`)].map(({ name }) => name), []);
  },
});
