import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tempDir } from "../support/temp_dir.ts";
import { isInstalled } from "../support/tools.ts";
import { makeDebian } from "./debian_root.ts";

/** Making a root requires root with the right to mount, a Debian, and a mirror that answers. */
const isWanted = isInstalled("mmdebstrap") && mayMount() && await hasMirror();

function mayMount(): boolean {
  const args = ["--mount", "--pid", "--fork", "--mount-proc", "true"];
  const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
  return Deno.uid() === 0 && new Deno.Command("unshare", { args, ...stdio }).outputSync().success;
}

async function hasMirror(): Promise<boolean> {
  const url = "http://deb.debian.org/debian/dists/trixie/Release";
  return await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5000) })
    .then(({ ok }) => ok, () => false);
}

/** Returns the processes that see something mounted below a folder. */
function processesWithMountsIn(folder: string): readonly number[] {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(
    Number.isInteger,
  );
  return pids.filter((pid) => mountsOf(pid).includes(` ${folder}/`));
}

function mountsOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/mounts`);
  } catch {
    return ""; // it has ended
  }
}

Deno.test({
  name: `a Debian is made without mounts on this machine${
    isWanted ? "" : " (skipped: may not mount, no mmdebstrap or no mirror)"
  }`,
  ignore: !isWanted,
  async fn() {
    using folder = tempDir();
    let isMade = false;
    const made = makeDebian(folder.path, { suite: "trixie", variant: "apt" })
      .finally(() => isMade = true);
    const seen = new Set<number>();
    while (!isMade) {
      for (const pid of processesWithMountsIn(folder.path)) seen.add(pid);
      await Promise.race([made, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    await made;
    assert.ok(seen.size > 0, "mmdebstrap has mounted nothing");
    assert.ok(!seen.has(Deno.pid), "this process has seen its mounts");
    assert.ok(existsSync(`${folder.path}/usr/bin/apt-get`));
  },
});
