// Host names resolve while an image is prepared, and the image keeps no trace of that.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { prepareImage } from "../../mod.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { codeTest, makeShellRoot } from "../code/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";

const PING = 'ping -c 1 localhost && ping -c 1 "$(hostname)" && ping -c 1 "$(hostname)"';
const OURS = "10.9.8.7 ours\n127.0.0.1 localhost";
const LONG_AGO = new Date("2001-02-03T04:05:06Z");

/** Forms of /etc/hosts in a root, made in its folder. */
const FORMS: Readonly<Record<string, (root: string) => void>> = {
  "no file": () => {},
  "a file that ends without a newline": (root) => {
    Deno.writeTextFileSync(`${root}/etc/hosts`, OURS);
    Deno.chmodSync(`${root}/etc/hosts`, 0o444);
    Deno.utimeSync(`${root}/etc/hosts`, LONG_AGO, LONG_AGO);
  },
  "a link": (root) => {
    Deno.symlinkSync("/data/hosts", `${root}/etc/hosts`);
    Deno.writeTextFileSync(`${root}/data/hosts`, OURS);
  },
  "a link to a missing file": (root) => {
    Deno.symlinkSync("../data/hosts", `${root}/etc/hosts`);
  },
  "a link to a missing folder": (root) => {
    Deno.symlinkSync("/not/there/hosts", `${root}/etc/hosts`);
  },
  "no /etc": (root) => Deno.removeSync(`${root}/etc`, { recursive: true }),
  "a link as /etc": (root) => {
    Deno.renameSync(`${root}/etc`, `${root}/data/etc`);
    Deno.symlinkSync("/data/etc", `${root}/etc`);
  },
};

for (const [form, make] of Object.entries(FORMS)) {
  codeTest(`names resolve in a step, in a root with ${form}, which stays unchanged`, async () => {
    using _cache = templateCache();
    using folder = tempDir();
    const root = await makeShellRoot(`${folder.path}/root`);
    Deno.mkdirSync(`${root}/data`);
    make(root);
    const given = await readManifest((await prepareImage({ from: root })).path);
    const run = [["sh", "-c", PING], ["sh", "-c", "! grep -q 10.0.2 /etc/hosts"]];
    const image = await prepareImage({ from: root, accel: "tcg", run });
    const made = await readManifest(image.path);
    const names = /^\/(etc|data)(\/|$)/;
    const relevant = (entries: typeof made) => entries.filter(({ path }) => names.test(path));
    assert.deepEqual(relevant(made), relevant(given));
  });
}

codeTest("lines that a step writes to /etc/hosts stay, without ours", async () => {
  using _cache = templateCache();
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  Deno.writeTextFileSync(`${root}/etc/hosts`, OURS);
  const steps = {
    "echo 10.0.0.1 db >> /etc/hosts": `${OURS}\n10.0.0.1 db\n`,
    "sed -i s/ours/theirs/ /etc/hosts": `${OURS.replace("ours", "theirs")}\n`,
    "echo 10.0.0.1 db > /etc/new && mv /etc/new /etc/hosts": "10.0.0.1 db\n",
    "rm /etc/hosts": undefined,
  };
  for (const [script, text] of Object.entries(steps)) {
    const run = [["sh", "-c", script], ["ping", "-c", "1", "localhost"]];
    const image = await prepareImage({ from: root, accel: "tcg", run });
    const found = (await readManifest(image.path)).find(({ path }) => path === "/etc/hosts");
    const expected = text && createHash("sha256").update(text).digest("hex");
    assert.equal(found?.sha256, expected, script);
  }
});
