// The place of a command with files on a node: all its steps run in one job, on one node of that.

import { feedFrom, nullInput, nullOutput, openEdge, toReadable } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";
import { exitCode } from "../../model/outcome.ts";
import type { RemoteFiles } from "../contract/copies.ts";
import type { CommandPlace } from "../contract/copying_command.ts";
import type { Running } from "../contract/runner.ts";
import { remoteFiles, type RunProgram } from "../remote/copy_files.ts";
import { passOn } from "../remote/inner_copies.ts";
import { needsFolder } from "../remote/private_folder.ts";
import { Allocation, type Place } from "./allocation.ts";
import { startBySrun } from "./command.ts";
import { FolderKeeper } from "./folder_keeper.ts";
import { jobRequest, newJobName, nodeCommand } from "./job_argv.ts";
import { sallocArgv, srunArgv } from "./srun_argv.ts";
import type { FilledStep } from "./slurm_step.ts";

/** Starts a step, which then owns `stdio`. */
export type StartStep = (step: FilledStep, stdio: Stdio) => Promise<Running>;

/** A job for one command and the programs that copy its files. */
export class NodePlace implements CommandPlace {
  readonly #step: FilledStep;
  readonly #start: StartStep;
  readonly #folder: string | undefined;
  /** The job, if it is only for this command. */
  #allocation: Allocation | undefined;
  #keeper: FolderKeeper | undefined;
  #place: Place | undefined;

  /** @param start starts the command */
  constructor(step: FilledStep, start: StartStep) {
    const { copies } = passOn(step.options, step.options.inner);
    this.#step = step;
    this.#start = start;
    this.#folder = needsFolder(copies) ? `/tmp/execvm-${crypto.randomUUID()}` : undefined;
  }

  async open(signal: AbortSignal, copying: () => AbortSignal): Promise<RemoteFiles> {
    this.#place = await this.#findPlace();
    signal.throwIfAborted();
    const start = (argv: readonly string[], stdio: Stdio) => this.#startProgram(argv, stdio);
    if (this.#folder !== undefined) {
      this.#keeper = await FolderKeeper.start(this.#folder, start);
    }
    const run: RunProgram = (argv, streams) =>
      runStreamed((stdio) => start(argv, stdio), { ...streams, signal: copying() });
    return remoteFiles(run, this.#folder ?? "/");
  }

  async start(stdio: Stdio): Promise<Running> {
    const { queueMs: _, ...step } = this.#step;
    const [job, folder] = [this.#place!, this.#folder];
    return await this.#start({ ...step, job, name: newJobName(), folder }, stdio);
  }

  async close(state: "started" | "killed" | "failed"): Promise<void> {
    await this.#keeper?.[Symbol.asyncDispose]();
    if (state === "killed") this.#allocation?.distrust();
    await this.#allocation?.[Symbol.asyncDispose]();
  }

  /** Returns the node of an existing job, or of a new one. */
  async #findPlace(): Promise<Place> {
    const { job, options, onPhase = () => {}, queueMs = Infinity } = this.#step;
    if ("id" in job) return { id: job.id, node: job.node ?? 0 };
    const argv = sallocArgv(jobRequest(options), job.name, 1);
    this.#allocation = new Allocation(argv, job.name, { onPhase, limitMs: queueMs });
    return (await this.#allocation.granted)[0]!;
  }

  /** Starts one of our programs on the node. */
  async #startProgram(argv: readonly string[], stdio: Stdio): Promise<Running> {
    const step = { argv: nodeCommand(argv, false), tty: false, job: this.#place! };
    const request = srunArgv(jobRequest(this.#step.options), step);
    const rest = { name: newJobName(), tty: false, onPhase: undefined };
    return await startBySrun({ argv: request, ...rest }, stdio);
  }
}

/** Runs a program to its end, with streams. */
async function runStreamed(
  start: (stdio: Stdio) => Promise<Running>,
  { stdin, stdout, signal }: Parameters<RunProgram>[1] & { readonly signal: AbortSignal },
) {
  signal.throwIfAborted();
  const over = new AbortController();
  const fed = stdin && feedFrom(stdin, over.signal);
  const copied = fed?.copied.catch(() => {}); // a program that ends early reports why
  const [output, error] = [stdout && openEdge(), openEdge()];
  const taken = output && toReadable(output.read).pipeTo(stdout!);
  const said = new Response(toReadable(error.read)).text();
  const stdio = {
    stdin: fed?.end ?? nullInput(),
    stdout: output?.write ?? nullOutput(),
    stderr: error.write,
  };
  taken?.catch(() => {});
  await using running = await start(stdio);
  const kill = () => running.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  const passed = taken?.catch(kill); // its reader has gone
  try {
    const code = exitCode(await running.exited);
    over.abort();
    await Promise.all([copied, passed]);
    signal.throwIfAborted();
    return { code, stderr: await said };
  } finally {
    over.abort();
    signal.removeEventListener("abort", kill);
  }
}
