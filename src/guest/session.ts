// A guest that is led by a host: it says hello, runs what it is told to, and tells how that went.

import { type Fd, openPipe } from "../libc/fd.ts";
import { ProgramError } from "../libc/program.ts";
import type { ExitStatus } from "../libc/spawn.ts";
import { addEntropy, setClock } from "../libc/system.ts";
import { openTerminal, resizeTerminal, type Terminal } from "../libc/terminal.ts";
import { showOf, typeOn } from "../libc/terminal_copy.ts";
import { libc } from "../libc/libc.ts";
import { type HostMessage, PROTOCOL_VERSION, type RunMessage } from "../vm/protocol.ts";
import { CommandRun } from "./command.ts";
import { Control } from "./control.ts";
import type { Ports } from "./ports.ts";
import { relayOutput, StdinRelay } from "./relay.ts";
import { shutDown } from "./shut_down.ts";

/** Our ends of the streams of a command, while it runs. */
interface Streams {
  readonly stdin: StdinRelay;
  readonly stdout: Fd;
  readonly stderr: Fd;
  readonly terminal: Terminal | undefined;
}

/** Serves a host over its ports. */
export class Session {
  readonly #ports: Ports;
  readonly #control: Control;
  readonly #run = new CommandRun();
  readonly #given: readonly (readonly string[])[];
  #streams: Streams | undefined;

  /** @param given the commands that the kernel command line names */
  constructor(ports: Ports, given: readonly (readonly string[])[]) {
    this.#ports = ports;
    this.#control = new Control(ports.control);
    this.#given = given;
  }

  /** Says hello and does as it is told, until the host hangs up. */
  async serve(): Promise<void> {
    await this.#control.send({ type: "hello", version: PROTOCOL_VERSION });
    for await (const message of this.#control.messages()) this.#take(message);
  }

  #take(message: HostMessage): void {
    switch (message.type) {
      case "run":
        return void this.#start(message);
      case "signal":
        return this.#run.signal(message.signal);
      case "resize": {
        const terminal = this.#streams?.terminal;
        return terminal === undefined ? undefined : resizeTerminal(terminal.master, message);
      }
      case "stdin-end":
        return this.#streams?.stdin.end(message.bytes);
      case "closed":
        return this.#streams?.[message.stream].close();
      case "power-off":
        return void shutDown();
    }
  }

  async #start(message: RunMessage): Promise<void> {
    try {
      setClock(message.clockMs);
      addEntropy(Uint8Array.fromBase64(message.entropy));
      if (message.cwd !== undefined) requireFolder(message.cwd);
      const commands = message.commands.length > 0 ? message.commands : this.#given;
      const status = await this.#runOnPipes({ ...message, commands });
      await this.#control.send({ type: "exit", ...status });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      await this.#control.send({ type: "failed", phase: "start", message: text });
    }
  }

  async #runOnPipes(message: RunMessage): Promise<ExitStatus> {
    const [stdin, stdout, stderr] = [openPipe(), openPipe(), openPipe()];
    const terminal = message.terminal === undefined ? undefined : openTerminal(message.terminal);
    const relay = new StdinRelay(stdin.write);
    this.#streams = { stdin: relay, stdout: stdout.read, stderr: stderr.read, terminal };
    void this.#relayStdin(relay);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const outputs = [
      this.#relayOutput("stdout", stdout.read, ended),
      this.#relayOutput("stderr", stderr.read, ended),
    ];
    const given = { stdin: stdin.read, stdout: stdout.write, stderr: stderr.write };
    const status =
      await (terminal === undefined
        ? this.#runWith(message, given)
        : this.#runOnTerminal(message, given, terminal));
    for (const fd of Object.values(given)) fd.close();
    end();
    await Promise.all(outputs);
    return status;
  }

  async #runOnTerminal(
    message: RunMessage,
    given: { stdin: Fd; stdout: Fd; stderr: Fd },
    terminal: Terminal,
  ): Promise<ExitStatus> {
    terminal.master.setNonblocking();
    const shown = showOf(terminal.master, given.stdout);
    void typeOn(terminal.master, given.stdin);
    const status = await this.#runWith(message, given, terminal.path);
    await shown;
    terminal.master.close();
    return status;
  }

  /** Runs the commands. One that cannot be found or run says so on stderr, as a shell would. */
  async #runWith(
    { commands, env, cwd }: RunMessage,
    given: { stdin: Fd; stdout: Fd; stderr: Fd },
    terminal?: string,
  ): Promise<ExitStatus> {
    const letGo = () => Object.values(given).forEach((fd) => fd.close());
    try {
      // Without a terminal nobody but the last command is to hold its ends.
      const onLastStarted = terminal === undefined ? letGo : () => {};
      return await this.#run.run({ commands, env, cwd, ...given, terminal, onLastStarted });
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      const line = new TextEncoder().encode(`execvm: ${error.message}\n`);
      libc().write(given.stderr.number, line, BigInt(line.length));
      return { code: error.code };
    }
  }

  async #relayStdin(relay: StdinRelay): Promise<void> {
    if (!await relay.copyFrom(this.#ports.stdin)) {
      await this.#control.send({ type: "stdin-closed" });
    }
  }

  async #relayOutput(stream: "stdout" | "stderr", pipe: Fd, ended: Promise<void>): Promise<void> {
    const bytes = await relayOutput(pipe, this.#ports[stream], ended);
    await this.#control.send({ type: "end", stream, bytes });
  }
}

function requireFolder(path: string): void {
  let fact = "there is no such folder";
  try {
    if (Deno.statSync(path).isDirectory) return;
    fact = "it is no folder";
  } catch {
    // not there
  }
  throw new Error(`Cannot run in ${JSON.stringify(path)} as ${fact}`);
}
