// Runs code as a stage of a pipeline. The implementation is loaded when it is first used.

import type { CodeNode } from "../model/nodes.ts";
import type { CodeRunner } from "../runners/contract/code_runner.ts";
import { vm } from "../runners/vm/runner.ts";
import { pickGiven } from "../model/pick_given.ts";
import { ofCodeSettings } from "./code_options.ts";
import { codePath, fillIn, LANGUAGES } from "./language.ts";
import { CODE_DEFAULTS, OF_MACHINE } from "./run_options.ts";

/** What runs the code of all stages; it keeps nothing between them. */
export const codeRunner: CodeRunner = Object.freeze(
  {
    kind: "vm",
    options: Object.freeze({}),
    argv: plannedArgv,
    hostArgv: plannedHostArgv,
    async check(code) {
      const { checkCode } = await import("./code_stage.ts");
      await checkCode(code);
    },
    async start(code, stdio, onPhase) {
      const { CodeStage } = await import("./code_stage.ts");
      return new CodeStage(code, stdio, onPhase);
    },
  } satisfies CodeRunner,
);

/** Returns the argv of the first program that may run the code; the image decides which one does. */
function plannedArgv({ text, options }: CodeNode): readonly string[] {
  const { language = CODE_DEFAULTS.language, argv, args = [] } = ofCodeSettings(options);
  const words = argv as readonly string[] | undefined; // as settings have them
  const template = words ?? LANGUAGES[language].programs[0]!;
  const file = codePath({ language, argv: words });
  return [...fillIn(template, { file, code: text }), ...args as readonly string[]];
}

function plannedHostArgv(code: CodeNode): readonly string[] {
  const machine = vm({
    ...pickGiven(ofCodeSettings(code.options), OF_MACHINE),
    root: `IMAGE:${code.image}`,
  });
  return machine.argv({ type: "command", args: plannedArgv(code), env: {} });
}
