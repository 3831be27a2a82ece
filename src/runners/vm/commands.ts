// Starts the commands of one VM runner, and owns the pool of machines that are kept ready for them.

import type { Stdio } from "../../io/ends.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { commandLine } from "../../vm/command_line.ts";
import { getMachine, type MachineRequest, type ReadyMachine } from "../../vm/get_machine.ts";
import type { VmOptions } from "../../vm/options.ts";
import { VmPool } from "../../vm/pool.ts";
import type { Copier } from "../contract/copies.ts";
import type { OnPhase, Running } from "../contract/runner.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { VmCommand } from "./command.ts";
import { appendFor, linksOf } from "./command_line.ts";

/** Starts commands in machines. Disposing it ends the machines of the pool. */
export class VmCommands implements AsyncDisposable {
  readonly #options: VmOptions;
  readonly #pool: VmPool | undefined;
  /** Whether the file of the console has been opened, and so emptied. */
  #hasConsole = false;

  constructor(options: VmOptions) {
    const { pool = 0 } = options;
    const append = (kernelParams: readonly string[]) => commandLine(options, kernelParams);
    this.#options = options;
    this.#pool = pool === 0 ? undefined : new VmPool(pool, { options, append });
  }

  /** Starts a command, which waits for its machine behind `exited`. */
  start(
    command: CommandNode,
    stdio: Stdio,
    onPhase?: OnPhase,
    copier?: Copier,
  ): Running {
    const [options, pool] = [this.#options, this.#pool];
    const tty = options.tty === true;
    const append = (kernelParams: readonly string[]) => appendFor(command, options, kernelParams);
    return new VmCommand({
      links: linksOf(command),
      env: { ...(tty && terminalVariables()), ...command.env },
      cwd: command.cwd,
      user: options.user,
      tty,
      onPhase,
      copier,
      getMachine: (signal, source) =>
        pool !== undefined && source === "any"
          ? pool.take(signal, onPhase)
          : this.#getMachine({ options, append, signal, onPhase }),
    }, stdio);
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
