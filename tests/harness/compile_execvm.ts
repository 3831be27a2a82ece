// Runs `deno task compile` with the denort for tests.

import type { KernelArch } from "../../src/machine/architectures.ts";
import { runCheck } from "./check.ts";
import { DENORT_VERSION, ensureDenort } from "./denort.ts";
import { CERTIFICATES } from "./network_variables.ts";

/** Compiles execvm for `arch` to the path `output`. @throws {Error} if that fails. */
export async function compileExecvm(output: string, arch: KernelArch): Promise<void> {
  const compile = ["npx", "--yes", `deno@${DENORT_VERSION}`, "task", "--quiet", "compile"] as const;
  const target = ["--target", `${arch}-unknown-linux-gnu`];
  const failure = await runCheck(
    `execvm for ${arch}`,
    [...compile, ...target, "--output", output],
    { env: { ...CERTIFICATES, DENORT_BIN: await ensureDenort(arch) } },
  );
  if (failure !== undefined) throw new Error(`cannot compile execvm: ${failure.text}`);
}
