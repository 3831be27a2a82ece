// Reports a run of code to an observer as a pipeline of one stage.

import type { SignalName } from "../libc/signals.ts";
import type { OnMachinePhase } from "../machine/phases.ts";
import { RunnerError } from "../model/errors.ts";
import type { Result, StageResult } from "../model/result.ts";
import type { RunObserver, RunWatch } from "../model/run_observer.ts";
import type { CodeResult } from "../model/code_result.ts";

/** How many characters of stderr are reported, as for any stage. */
const TAIL_LENGTH = 8 << 10;

/** The codes of timeout(1), and of execvm if the status of the command is unknown. */
const TIMED_OUT = 124;
const FAILED = 125;

/** Reports one run to an observer, if there is one. */
export class CodeWatch {
  /** Called for each phase; `undefined` if there is no observer. */
  readonly onPhase: OnMachinePhase | undefined;
  readonly #observer: RunObserver | undefined;
  #watch: RunWatch | undefined;
  #argv: readonly string[] = [];
  #startMs = performance.now();
  #consoleTail = "";

  constructor(observer: RunObserver | undefined) {
    this.#observer = observer;
    if (observer === undefined) return;
    this.onPhase = (phase, detail) =>
      this.#watch?.event({
        type: "phase",
        stage: 0,
        phase,
        ...(detail !== undefined && { detail }),
      });
  }

  /** Reports what is about to run. */
  begin(argv: readonly string[]): void {
    this.#argv = argv;
    this.#startMs = performance.now();
    const stages = [{ runner: "vm", argv }];
    const outline = {
      source: "code",
      stages,
      edges: ["stream", "stream"],
      sink: "outputs",
    } as const;
    this.#watch = this.#observer?.begin(outline, () => []);
    this.#watch?.event({ type: "start", stage: 0, argv });
  }

  /** Reports that the code has ended, with the last console output of its machine. */
  ended(consoleTail: string): void {
    this.#consoleTail = consoleTail;
    this.onPhase?.("ending", "taking out what it wrote");
  }

  /** Reports the result. */
  finish(code: CodeResult): void {
    const { failure, stderr } = code;
    const died = code.signal ?? (failure === null ? undefined : "SIGKILL" as const);
    const status = code.exitStatus === null
      ? { ...(died !== undefined && { signal: died }) }
      : { code: code.exitStatus };
    const stage = this.#stage(status, stderr.slice(-TAIL_LENGTH));
    const error = failure === null ? {} : { error: this.#machineError(failure) };
    this.#watch?.event({ type: "end", stage: 0, result: stage, ...error });
    const ok = code.exitStatus === 0 && !code.timedOut;
    const { timedOut } = code;
    const result: Result = { ok, code: exitCode(code), timedOut, stages: [stage] };
    this.#watch?.end({ result });
  }

  /** Reports that there is no result. */
  fail(error: unknown): void {
    const result = this.#stage({ signal: "SIGKILL" }, "");
    const why = error instanceof RunnerError ? { error } : {};
    this.#watch?.event({ type: "end", stage: 0, result, ...why });
    this.#watch?.end({ error });
  }

  #stage(
    status: { readonly code?: number; readonly signal?: SignalName },
    stderrTail: string,
  ): StageResult {
    const durationMs = performance.now() - this.#startMs;
    return { argv: this.#argv, runner: "vm", ...status, durationMs, stderrTail };
  }

  #machineError(failure: string): RunnerError {
    const consoleTail = this.#consoleTail;
    return new RunnerError(`cannot keep the machine: ${failure}`, {
      ...{ runner: "vm", phase: "run", consoleTail },
    });
  }
}

function exitCode({ timedOut, failure, exitStatus }: CodeResult): number {
  if (timedOut) return TIMED_OUT;
  return failure === null ? exitStatus ?? FAILED : FAILED;
}
