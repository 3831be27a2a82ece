// Starts the commands of one VM runner, and owns the pool of machines that are kept ready for them.

import type { Stdio } from "../../io/ends.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { commandLine } from "../../vm/command_line.ts";
import {
  getMachine,
  type MachineOptions,
  type MachineRequest,
  type ReadyMachine,
} from "../../vm/get_machine.ts";
import { VmPool } from "../../vm/pool.ts";
import type { Copier } from "../contract/copies.ts";
import type { OnPhase, Running } from "../contract/runner.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { VmCommand } from "./command.ts";
import { appendFor, linksOf } from "./command_line.ts";
import { RunnerRoot } from "./runner_root.ts";

/** Starts commands in machines. Disposing it ends the machines of the pool. */
export class VmCommands implements AsyncDisposable {
  readonly #options: MachineOptions;
  readonly #root: RunnerRoot | undefined;
  #pool: VmPool | undefined;
  /** Whether the file of the console has been opened, and so emptied. */
  #hasConsole = false;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#root = options.root === undefined ? undefined : new RunnerRoot(options.root, options);
  }

  /** Starts a command, which waits for its machine behind `exited`. */
  start(
    command: CommandNode,
    stdio: Stdio,
    onPhase?: OnPhase,
    copier?: Copier,
  ): Running {
    const { tty = false, user } = this.#options;
    return new VmCommand({
      links: linksOf(command),
      env: { ...(tty && terminalVariables()), ...command.env },
      cwd: command.cwd,
      user,
      tty,
      onPhase,
      copier,
      getMachine: (signal, source) => this.#getMachineFor(command, signal, { source, onPhase }),
    }, stdio);
  }

  async #getMachineFor(
    command: CommandNode,
    signal: AbortSignal,
    { source, onPhase }: {
      readonly source: "any" | "afresh";
      readonly onPhase: OnPhase | undefined;
    },
  ): Promise<ReadyMachine> {
    const root = await this.#root?.get(signal, onPhase);
    const options = root === undefined ? this.#options : { ...this.#options, root };
    const pool = this.#poolFor(options);
    if (pool !== undefined && source === "any") return await pool.take(signal, onPhase);
    const append = (kernelParams: readonly string[]) => appendFor(command, options, kernelParams);
    return await this.#getMachine({ options, append, signal, onPhase });
  }

  /** Returns the pool, if one is requested. @param options those of its machines */
  #poolFor(options: MachineOptions): VmPool | undefined {
    const { pool = 0 } = options;
    if (pool === 0) return undefined;
    const append = (kernelParams: readonly string[]) => commandLine(options, kernelParams);
    return this.#pool ??= new VmPool(pool, { options, append });
  }

  /** Gets a machine with its console connected as the options require. */
  async #getMachine(request: MachineRequest): Promise<ReadyMachine> {
    const { console } = this.#options;
    if (console === undefined) return await getMachine(request);
    const { openConsole } = await import("../../vm/console_sink.ts");
    await using opened = new AsyncDisposableStack();
    const isFirst = !this.#hasConsole;
    this.#hasConsole = true;
    const sink = opened.use(await openConsole(console, isFirst));
    const ready = opened.use(
      await getMachine({ ...request, onConsole: (chunk) => sink.write(chunk) }),
    );
    const owned = opened.move();
    return { ...ready, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.[Symbol.asyncDispose]();
  }
}
