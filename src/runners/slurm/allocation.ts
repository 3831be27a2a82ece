// Holds one job for several commands of a pipeline, so that either all of them run or none.

import { kill } from "../../host/process_tree.ts";
import { startWithUs } from "../../host/watchdog.ts";
import { RunnerError } from "../../model/errors.ts";
import { cancelJobs, signalStep } from "./cluster.ts";
import { JobFiles } from "./job_files.ts";
import { localWrapperArgv } from "./local_wrapper.ts";
import { pause } from "./pause.ts";
import { QueueWatch, type Tell } from "./queue.ts";
import { readSrunLog } from "./srun_log.ts";
import { expandCounts } from "./task_counts.ts";
import { explain } from "./verdict.ts";

/** Where a command runs: the id of a job, and the index of a node in it. */
export interface Place {
  readonly id: string;
  readonly node: number;
}

/** How often a queued job is checked, in milliseconds. */
const LOOK_MS = 1000;

/** How long salloc has to end by itself, in milliseconds. */
const CLOSE_MS = 3000;

/**
 * Runs on this machine as long as the job: prints what was granted, and ends at EOF of its stdin.
 */
const HOLDER = 'echo "$SLURM_JOB_ID $SLURM_TASKS_PER_NODE"; exec cat >/dev/null';

/** A job that is held by salloc until this is disposed, or this process ends in any way. */
export class Allocation implements AsyncDisposable {
  /**
   * Resolves to a place for each command. Rejects with a `RunnerError` if the job is not granted.
   */
  readonly granted: Promise<readonly Place[]>;
  readonly #argv: readonly string[];
  readonly #name: string;
  readonly #files: JobFiles;
  readonly #salloc: Deno.ChildProcess;
  readonly #cleanup: Disposable;
  readonly #over: Promise<Deno.CommandStatus>;
  #isOver = false;
  #isGranted = false;
  #isTrusted = true;
  #givenUp: string | undefined;

  /**
   * Requests the job.
   *
   * @param argv of salloc, without the program that it runs
   * @param name of the job, unique
   * @throws {RunnerError} if salloc cannot be started.
   */
  constructor(argv: readonly string[], name: string, queue: { onPhase: Tell; limitMs: number }) {
    this.#argv = [...argv, "sh", "-c", HOLDER];
    this.#name = name;
    this.#files = new JobFiles(name);
    ({ started: this.#salloc, cleanup: this.#cleanup } = startWithUs(
      () => this.#start(),
      ({ pid }) => ({ group: pid }),
    ));
    this.#over = this.#salloc.status.finally(() => (this.#isOver = true));
    void this.#watch(new QueueWatch(queue.onPhase, queue.limitMs));
    this.granted = this.#readGrant();
    this.granted.catch(() => {}); // the commands that wait for it get the error
  }

  /**
   * To be called if a command did not end by itself: disposing then kills steps that may be left
   * over.
   */
  distrust(): void {
    this.#isTrusted = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isTrusted) await this.#killSteps();
    await this.#salloc.stdin.close().catch(() => {});
    await this.#cancel();
    this.#cleanup[Symbol.dispose]();
    this.#files[Symbol.dispose]();
  }

  /** Kills all steps at once; Slurm itself would wait between SIGTERM and SIGKILL. */
  async #killSteps(): Promise<void> {
    if (this.#isGranted) await signalStep((await this.granted)[0]!.id, "SIGKILL");
  }

  /** Ends salloc, and the job with it. */
  async #cancel(): Promise<void> {
    if (!this.#isGranted) kill(-this.#salloc.pid, "SIGTERM");
    await pause(CLOSE_MS, this.#over);
    const isStuck = !this.#isOver;
    if (isStuck) kill(-this.#salloc.pid, "SIGKILL");
    if (!this.#isGranted || isStuck) await cancelJobs(this.#name);
    await this.#over;
  }

  #start(): Deno.ChildProcess {
    const [program, ...args] = localWrapperArgv(this.#files.log, this.#argv);
    const streams = { stdin: "piped", stdout: "piped", stderr: "null" } as const;
    return new Deno.Command(program!, { args, ...streams, detached: true }).spawn();
  }

  async #watch(queue: QueueWatch): Promise<void> {
    while (!this.#isGranted && !this.#isOver && this.#givenUp === undefined) {
      const { job, isQueued } = readSrunLog(this.#files.read());
      if (isQueued) this.#givenUp = await queue.look(job!);
      await pause(isQueued ? LOOK_MS : LOOK_MS / 5, this.#over);
    }
    if (this.#givenUp !== undefined && !this.#isOver) kill(-this.#salloc.pid, "SIGTERM");
  }

  async #readGrant(): Promise<readonly Place[]> {
    const said = await firstLine(this.#salloc.stdout);
    const [, id, counts] = /^(\d+) (\S+)$/.exec(said) ?? [];
    this.#isGranted = id !== undefined;
    if (id !== undefined) return expandCounts(counts!).map((node) => ({ id, node }));
    const { code } = await this.#over;
    const log = this.#files.read();
    const fact = this.#givenUp ?? explain(readSrunLog(log).errors, { code });
    throw new RunnerError(`cannot run on Slurm: ${fact}`, {
      ...{ runner: "slurm", phase: "allocate", argv: this.#argv, consoleTail: log },
    });
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let said = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    if (said.includes("\n")) break;
  }
  return said.split("\n")[0]!;
}
