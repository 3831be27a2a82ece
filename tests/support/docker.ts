// Starts a Docker engine for tests, once for a whole test process; it ends with that.

import { fileURLToPath } from "node:url";
import { cmd, tar } from "../../mod.ts";
import { findBusybox } from "../../guest-build/busybox.ts";
import { openForWriting, openPipe } from "../../src/libc/fd.ts";
import { findLibc } from "../../src/libc/libc.ts";
import { spawnUnwatched } from "../../src/libc/spawn.ts";
import { isInstalled } from "./tools.ts";

const ENGINE = fileURLToPath(new URL("engine.sh", import.meta.url));

/**
 * The variable with its address for the other test files, each of which loads its own copy of this
 * module.
 */
const SHARED = "EXECVM_TEST_ENGINE";

/** How long an engine may take to start, in milliseconds. */
const START_MS = 30_000;

const MAY_START = Deno.build.os === "linux" && Deno.uid() === 0 && findLibc() !== undefined &&
  ["dockerd", "docker", "busybox"].every(isInstalled);

/** What a test with containers needs: an engine that can be started, which requires root. */
export const DOCKER: string = MAY_START ? "dockerd" : "/a/docker/engine/started/as/root";

/** The image that tests use: busybox and its commands. */
export const IMAGE = "execvm-test";

/**
 * Starts the engine, unless another test file has, and sets DOCKER_HOST. Does nothing if that is
 * not possible.
 */
export async function startEngine(): Promise<void> {
  if (MAY_START) Deno.env.set("DOCKER_HOST", Deno.env.get(SHARED) ?? await launchEngine());
}

/** Runs docker and returns its output. @throws {CommandError} if it fails. */
export async function dockerSays(...args: string[]): Promise<string> {
  return await cmd("docker", ...args).text();
}

/** Returns the names of containers, running or not, whose environment has the mark. */
export async function containersWith(mark: string): Promise<string[]> {
  const ids = (await dockerSays("ps", "-aq")).split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const args = ["inspect", "--format", "{{.Name}} {{.Config.Env}}", ...ids];
  // A container may be removed meanwhile, which docker reports as a failure.
  const { stdout } = await new Deno.Command("docker", { args }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(mark));
}

/** Starts an engine that ends with this process, and returns its address. */
async function launchEngine(): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-engine-" });
  const host = `unix://${folder}/socket`;
  using input = openPipe().read; // our end is only closed by our exit
  using output = openForWriting("/dev/null");
  spawnUnwatched({
    path: "/bin/sh",
    argv: ["sh", ENGINE, folder],
    environment: Object.entries(Deno.env.toObject()).map(([name, value]) => `${name}=${value}`),
    stdin: input,
    stdout: output,
    stderr: output,
    leads: "session",
  });
  Deno.env.set("DOCKER_HOST", host);
  await untilReady(folder);
  await importImage(`${folder}/root`);
  Deno.env.set(SHARED, host);
  return host;
}

async function untilReady(folder: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await new Deno.Command("docker", { args: ["version"] }).output()).success) {
    if (performance.now() > deadline) {
      throw new Error(`The engine did not start:\n${Deno.readTextFileSync(`${folder}/log`)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Creates an image with a static busybox. */
async function importImage(root: string): Promise<void> {
  const busybox = (await findBusybox())!;
  for (const name of ["bin", "etc", "tmp"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  Deno.chmodSync(`${root}/tmp`, 0o1777);
  Deno.writeTextFileSync(`${root}/etc/passwd`, "root:x:0:0:root:/:/bin/sh\n", { mode: 0o644 });
  Deno.copyFileSync(busybox, `${root}/bin/busybox`);
  for (const applet of (await cmd(busybox, "--list").text()).split("\n")) {
    if (applet !== "busybox") Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
  }
  await tar(".", { directory: root }).pipe(cmd("docker", "import", "-", IMAGE)).text();
}
