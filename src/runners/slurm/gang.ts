// Starts the commands of one pipeline on a cluster. They run at the same time, so none may wait for
// what another holds: commands with equal requests share one job, which Slurm grants as a whole; if
// there are several jobs, each waits in the queue for a limited time.

import type { Stdio } from "../../io/ends.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { abandonAll } from "../contract/abandon_all.ts";
import type { Copier } from "../contract/copies.ts";
import type { Gang, OnPhase, Runner, Running } from "../contract/runner.ts";
import { AllocatedCommand } from "./allocated_command.ts";
import { Allocation } from "./allocation.ts";
import { jobRequest, newJobName } from "./job_argv.ts";
import { type GivenSlurmOptions, QUEUE_MS } from "./options.ts";
import { sallocArgv } from "./srun_argv.ts";
import type { SlurmStep } from "./slurm_step.ts";
import { startStep } from "./step.ts";

/** Commands with equal requests, which share a job. */
class Group {
  readonly name = newJobName();
  readonly members: GivenSlurmOptions[] = [];
  readonly listeners: OnPhase[] = [];
  allocation: Allocation | undefined;

  /** Returns the job of its commands, which the first call requests. */
  allocate(limitMs: number): Allocation {
    const argv = sallocArgv(jobRequest(this.members[0]!), this.name, this.members.length);
    const onPhase: OnPhase = (...phase) => this.listeners.forEach((onPhase) => onPhase(...phase));
    return this.allocation ??= new Allocation(argv, this.name, { onPhase, limitMs });
  }
}

/** Starts commands on Slurm runners together. */
export class SlurmGathering implements Gang {
  readonly #groups = new Map<string, Group>();
  readonly #members: readonly { readonly options: GivenSlurmOptions; readonly group: Group }[];
  readonly #limitMs: number;

  /** @param runners the runners of the commands, in the commands' order */
  constructor(runners: readonly Runner[]) {
    this.#members = runners.map(({ options }) => this.#join(options));
    const limits = this.#members.map(({ options }) => options.queueTimeoutMs ?? QUEUE_MS);
    this.#limitMs = this.#groups.size > 1 ? Math.min(...limits) : Infinity;
  }

  /** @throws {RunnerError} if salloc or srun cannot be started. */
  async start(
    place: number,
    command: CommandNode,
    stdio: Stdio,
    onPhase?: OnPhase,
    copier?: Copier,
  ): Promise<Running> {
    const { options, group } = this.#members[place]!;
    const inJob = (name: string, job: SlurmStep["job"], ends: Stdio) =>
      startStep(command, { options, job, name, onPhase, queueMs: this.#limitMs, copier }, ends);
    const { name } = group;
    if (options.job !== undefined) return await inJob(name, { id: options.job }, stdio);
    if (group.members.length === 1) return await inJob(name, { name }, stdio);
    if (onPhase !== undefined) group.listeners.push(onPhase);
    const index = group.members.indexOf(options);
    try {
      const allocation = group.allocate(this.#limitMs);
      return new AllocatedCommand(
        allocation,
        stdio,
        (places) => inJob(newJobName(), places[index]!, stdio),
      );
    } catch (error) {
      await abandonAll(stdio);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const groups = [...this.#groups.values()];
    await Promise.all(groups.map(({ allocation }) => allocation?.[Symbol.asyncDispose]()));
  }

  /**
   * Adds a command to its group. A command in an existing job waits for nothing, so it has its own
   * group.
   */
  #join(given: GivenSlurmOptions): { options: GivenSlurmOptions; group: Group } {
    const options = { ...given };
    if (options.job !== undefined) return { options, group: new Group() };
    const key = JSON.stringify(jobRequest(options));
    const group = this.#groups.get(key) ?? new Group();
    this.#groups.set(key, group);
    group.members.push(options);
    return { options, group };
  }
}
