// The interface of what runs code as a stage.

import type { Stdio } from "../../io/ends.ts";
import type { CodeNode, CodeRunnerRef } from "../../model/nodes.ts";
import type { OnPhase, Running } from "./runner.ts";

/** Runs code, each in its own virtual machine. */
export interface CodeRunner extends CodeRunnerRef {
  /**
   * Checks what would keep the code from running, before anything of the pipeline starts.
   *
   * @throws {RunnerError} if the image or a given file is missing, or there is no place for outputs.
   */
  check(code: CodeNode): Promise<void>;
  /**
   * Starts code. Whatever takes long is part of `exited`, which also has the result of the code.
   *
   * @param stdio owned by the runner from this call on, also if it fails
   * @param onPhase called for each phase
   */
  start(code: CodeNode, stdio: Stdio, onPhase?: OnPhase): Promise<Running>;
}

/** Returns whether this can run code, as what `code` sets can. */
export function isCodeRunner(ref: CodeRunnerRef): ref is CodeRunner {
  return typeof (ref as Partial<CodeRunner>).start === "function";
}
