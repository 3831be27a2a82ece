// `execvm completions`: prints the completion script for a shell.

import { withErrorReport } from "../frame/with_error_report.ts";
import { BASH_SCRIPT } from "./bash_script.ts";
import { FISH_SCRIPT } from "./fish_script.ts";
import type { Shell } from "./shell.ts";
import { ZSH_SCRIPT } from "./zsh_script.ts";

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH_SCRIPT,
  zsh: ZSH_SCRIPT,
  fish: FISH_SCRIPT,
};

/** Runs `execvm completions`. */
export const printScript = withErrorReport(({ process }, _flags, shell: Shell) => {
  process.stdout.write(SCRIPTS[shell]);
  return Promise.resolve(0);
});
