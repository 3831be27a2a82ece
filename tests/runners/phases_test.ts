// Tests the phases that runners report for a command.

import assert from "node:assert/strict";
import { type Command, docker, type RunEvent, ssh, stream, vm } from "../../mod.ts";
import { DOCKER, IMAGE, startEngine } from "../support/docker.ts";
import { KERNEL } from "../support/kernel.ts";
import { makeHost, SSH } from "../support/sshd.ts";
import { needs } from "../support/tools.ts";

/** How long a command may take until it is reported as running, in milliseconds. */
const LIMIT_MS = 120_000;

/** Returns the phases of a `cat` whose stdin stays open until it is reported as running. */
async function phasesOf(cat: Command): Promise<string[]> {
  const phases: string[] = [];
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  const input = new ReadableStream<Uint8Array>({
    async start(controller) {
      await seen;
      controller.close();
    },
  });
  const onEvent = (event: RunEvent) => {
    if (event.type !== "phase") return;
    phases.push(event.phase);
    if (event.phase === "running") resolve();
  };
  await stream(input).pipe(cat).run({ onEvent, timeoutMs: LIMIT_MS });
  return phases;
}

Deno.test({
  ...needs("a container is reported as being created, then as running", DOCKER),
  async fn() {
    await startEngine();
    assert.deepEqual(await phasesOf(docker({ image: IMAGE }).cmd("cat")), ["creating", "running"]);
  },
});

Deno.test({
  ...needs("ssh connects, then the command runs", ...SSH),
  async fn() {
    const host = await makeHost();
    await using runner = ssh(host.options);
    assert.deepEqual(await phasesOf(runner.cmd("cat")), ["connecting", "running"]);
  },
});

Deno.test({
  ...needs("a machine is cloned and started, then its command runs", ...[
    ...["qemu-system-x86_64", "busybox", KERNEL],
  ]),
  async fn() {
    await vm().cmd("true").run(); // builds the template, if needed
    const phases = await phasesOf(vm().cmd("cat"));
    assert.deepEqual(phases, ["preparing", "cloning", "starting", "running"]);
  },
});

Deno.test({
  ...needs("a machine that boots is reported as booting", "qemu-system-x86_64", "busybox", KERNEL),
  async fn() {
    const phases = await phasesOf(vm({ template: false }).cmd("cat"));
    assert.deepEqual(phases, ["preparing", "booting", "starting", "running"]);
  },
});
