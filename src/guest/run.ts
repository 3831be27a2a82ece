// Runs commands with pipes as their streams, and copies between those and the ports.

import type { Fd } from "../libc/fd.ts";
import type { StartedChild } from "../libc/spawn.ts";
import { openTerminal, resizeTerminal, type Terminal } from "../libc/terminal.ts";
import type { RunMessage, SignalMessage, TerminalSize } from "../machine/protocol.ts";
import { busyboxPath } from "./copier.ts";
import { CommandRun, type LinkStatus } from "./command.ts";
import type { Loop } from "./loop.ts";
import { OutputRelay } from "./output_relay.ts";
import type { Ports } from "./ports.ts";
import { StdinRelay } from "./stdin_relay.ts";
import { relayTerminal } from "./terminal_relay.ts";
import { give, type User } from "./user.ts";
import { openPipes, type PreforkedCommand } from "./waiting.ts";

/** Receives the events of a run. */
export interface RunListener {
  /** Called when stdin has no reader any more. */
  readonly onStdinRefused: () => void;
  /** Called when all of an output, so many bytes, has been written to its port. */
  readonly onOutputEnd: (stream: "stdout" | "stderr", bytes: number) => void;
  /**
   * Called once the commands have ended and {@linkcode onOutputEnd} was called for both outputs.
   */
  readonly onEnd: (status: LinkStatus) => void;
}

/** The command's ends of the pipes. */
interface Given {
  readonly stdin: Fd;
  readonly stdout: Fd;
  readonly stderr: Fd;
}

/** A run, which starts with the constructor. */
export class Run {
  readonly #listener: RunListener;
  readonly #stdin: StdinRelay;
  readonly #outputs: Readonly<Record<"stdout" | "stderr", OutputRelay>>;
  readonly #commands: CommandRun;
  readonly #terminal: Terminal | undefined;
  #status: LinkStatus | undefined;
  /** How many of these have not ended: the commands with their terminal, and both outputs. */
  #pending = 3;

  /**
   * @param waiting the command, if it was started before
   * @throws {SystemError} if the first command cannot be started, for another reason than its argv.
   */
  constructor(
    loop: Loop,
    message: RunMessage,
    ports: Ports,
    { waiting, user, ...listener }: RunListener & {
      readonly waiting?: PreforkedCommand | undefined;
      readonly user?: User | undefined;
    },
  ) {
    this.#listener = listener;
    const { stdin, stdout, stderr } = waiting?.pipes ?? openPipes(user);
    const onRefused = () => listener.onStdinRefused();
    this.#stdin = new StdinRelay(loop, { port: ports.stdin, pipe: stdin.write, onRefused });
    this.#outputs = {
      stdout: this.#relay(loop, "stdout", stdout.read, ports.stdout),
      stderr: this.#relay(loop, "stderr", stderr.read, ports.stderr),
    };
    this.#terminal = message.terminal && openTerminal(message.terminal);
    if (this.#terminal !== undefined) give(this.#terminal.path, user);
    const given = { stdin: stdin.read, stdout: stdout.write, stderr: stderr.write };
    this.#commands = this.#start(loop, message, { ...given, user, started: waiting?.child });
  }

  /** Sends a signal to the running command. */
  signal(message: SignalMessage): void {
    this.#commands.signal(message);
  }

  /** Sets the size of the terminal, if there is one. */
  resize(size: TerminalSize): void {
    const master = this.#terminal?.master;
    if (master?.isOpen === true) resizeTerminal(master, size);
  }

  /** Ends stdin after `bytes` bytes in all. */
  endStdin(bytes: number): void {
    this.#stdin.end(bytes);
  }

  /** Closes an output that the host does not read any more. */
  close(stream: "stdout" | "stderr"): void {
    this.#outputs[stream].stop();
  }

  #relay(loop: Loop, stream: "stdout" | "stderr", pipe: Fd, port: Fd): OutputRelay {
    const onEnd = (bytes: number) => {
      this.#listener.onOutputEnd(stream, bytes);
      this.#over();
    };
    return new OutputRelay(loop, { pipe, port, onEnd });
  }

  #start(
    loop: Loop,
    { commands, stdouts, env, cwd, tar }: RunMessage,
    { started, user, ...given }: Given & {
      readonly started: StartedChild | undefined;
      readonly user: User | undefined;
    },
  ): CommandRun {
    const letGo = () => Object.values(given).forEach((fd: Fd) => fd.close());
    const onStatus = (status: LinkStatus) => {
      letGo();
      this.#status = status;
      this.#outputs.stdout.drain();
      this.#outputs.stderr.drain();
      this.#over();
    };
    const program = tar && busyboxPath();
    const request = { commands, stdouts, env, cwd, user, started, program, ...given };
    if (this.#terminal === undefined) {
      return new CommandRun(loop, { ...request, onLastStarted: letGo, onEnd: onStatus });
    }
    const ends = endOfBoth(onStatus);
    const pipes = { input: given.stdin, output: given.stdout };
    relayTerminal(loop, { master: this.#terminal.master, pipes, onEnd: ends.onShown });
    const terminal = this.#terminal.path;
    return new CommandRun(loop, { ...request, terminal, onEnd: ends.onStatus });
  }

  #over(): void {
    if (--this.#pending > 0) return;
    this.#stdin.stop();
    this.#listener.onEnd(this.#status!);
  }
}

/** Calls `onEnd` once a command has ended and all output of its terminal has been copied. */
function endOfBoth(onEnd: (status: LinkStatus) => void) {
  let status: LinkStatus | undefined;
  let isShown = false;
  const look = () => void (isShown && status !== undefined && onEnd(status));
  return {
    onStatus(ended: LinkStatus) {
      status = ended;
      look();
    },
    onShown() {
      isShown = true;
      look();
    },
  };
}
