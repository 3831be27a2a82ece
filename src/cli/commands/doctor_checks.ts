// Checks what execvm needs on this machine, one thing at a time.

import { BUSYBOX_ADVICE, findBusybox } from "../../../guest-build/busybox.ts";
import type { CheckResult } from "../../host/check_result.ts";
import { collectBytes } from "../../io/open_sink.ts";
import { hasApt } from "../../kernels/apt.ts";
import { findLibc } from "../../libc/libc.ts";
import { messageOf } from "../../model/errors.ts";
import { toPlan } from "../../model/plan.ts";
import { execute } from "../../run/execute.ts";
import { checkDocker } from "../../runners/docker/checks.ts";
import { local } from "../../runners/local/runner.ts";
import { checkSlurm } from "../../runners/slurm/checks.ts";
import { checkSsh } from "../../runners/ssh/checks.ts";
import { checkVm } from "../../vm/checks.ts";

/** The oldest Deno that is supported. */
export const OLDEST_DENO: readonly [number, number, number] = [2, 7, 11];

/** Runs all checks. Starts a few processes and leaves nothing behind. */
export async function checkMachine(): Promise<CheckResult[]> {
  const results = [checkDeno(), checkFfi(), checkShell(), await checkPipeline()];
  const elsewhere = [await checkDocker(), await checkSsh(), await checkSlurm()];
  return [...results, ...elsewhere, ...await checkVm(), await checkBusybox()];
}

function checkDeno(): CheckResult {
  const version = Deno.version.deno;
  const result = { what: "Deno", fact: version };
  if (!isOlder(version)) return { state: "ok", ...result };
  const advice = `Install Deno ${OLDEST_DENO.join(".")} or newer: npm i -g deno`;
  return { state: "fail", ...result, advice };
}

function isOlder(version: string): boolean {
  const numbers = version.split(".").map((part) => Number.parseInt(part));
  const index = OLDEST_DENO.findIndex((wanted, place) => numbers[place] !== wanted);
  return index >= 0 && (numbers[index] ?? 0) < OLDEST_DENO[index]!;
}

function checkFfi(): CheckResult {
  const what = "kernel pipes";
  if (findLibc() !== undefined) {
    return { state: "ok", what, fact: "bytes between local commands do not pass through JS" };
  }
  return {
    state: "warn",
    what,
    fact: "FFI is not available, so all bytes pass through JS, which is slower",
    advice: "Run on Linux with glibc, and with --allow-ffi",
  };
}

function checkShell(): CheckResult {
  const what = "clean-up after SIGKILL";
  try {
    Deno.statSync("/bin/sh");
    return { state: "ok", what, fact: "/bin/sh is there" };
  } catch {
    return {
      state: "warn",
      what,
      fact: "there is no /bin/sh, so commands may outlive an execvm that is killed by SIGKILL",
    };
  }
}

async function checkPipeline(): Promise<CheckResult> {
  const what = "local runner";
  const output = collectBytes();
  const stage = { type: "command", args: ["echo", "execvm"], env: {} } as const;
  try {
    await execute(toPlan({ stages: [stage], sink: output.node }, local()), {}, () => output);
    return { state: "ok", what, fact: "a command ran" };
  } catch (error) {
    return { state: "fail", what, fact: messageOf(error), advice: "Run with --allow-run" };
  }
}

async function checkBusybox(): Promise<CheckResult> {
  const what = "busybox";
  const path = await findBusybox();
  if (path !== undefined) return { state: "ok", what, fact: `${path} is static` };
  if (await hasApt()) {
    return { state: "ok", what, fact: "not here yet: apt-get fetches it when needed" };
  }
  return {
    state: "warn",
    what,
    fact: "there is no static busybox, which is needed to build an initrd",
    advice: `${BUSYBOX_ADVICE[0]!.toUpperCase()}${BUSYBOX_ADVICE.slice(1)}`,
  };
}
