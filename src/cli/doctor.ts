// `execvm doctor`: what is there on this machine, and what to do about what is not.

import { checkMachine } from "../doctor.ts";
import { guarded } from "./guarded.ts";

/** Prints the findings of `execvm doctor`. */
export const doctor = guarded(async (context) => {
  const findings = await checkMachine();
  for (const { state, what, fact, advice } of findings) {
    context.process.stdout.write(`${state.padEnd(4)} ${what}: ${fact}\n`);
    if (advice !== undefined) context.process.stdout.write(`     ${advice}\n`);
  }
  return findings.some(({ state }) => state === "fail") ? 1 : 0;
});
