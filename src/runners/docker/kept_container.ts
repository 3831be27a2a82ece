// A container that stays when its command has ended, until it is removed.

import { type ContainerFate, EngineContainer } from "./engine.ts";

/** What docker and podman print if there is no such container. */
const NONE = /no such (container|object)/i;

/** A container that the engine can be asked about after its command has ended. */
export class KeptContainer extends EngineContainer {
  override async fate(): Promise<ContainerFate | undefined> {
    const { ok, stdout, stderr } = await this.ask(
      "inspect",
      "--format",
      "{{json .State}}",
      this.name,
    );
    if (!ok) return NONE.test(stderr) ? { isCreated: false, isRemoved: false } : undefined;
    const { Status, ExitCode, Running } = JSON.parse(stdout) as State;
    // A container whose start has failed is `created`, or with an exit code of 126 or 127 too.
    const hasEnded = Running !== true && (Status !== "created" || ExitCode !== 0);
    return { isCreated: true, isRemoved: false, ...(hasEnded && { exitCode: ExitCode }) };
  }
}

interface State {
  readonly Status: string;
  readonly ExitCode: number;
  readonly Running?: boolean;
}
