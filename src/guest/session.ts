// Serves the host: sends hello, runs what the host asks for, and reports how that went.

import { addEntropy, setClock, setHostname } from "../libc/system.ts";
import {
  type HostMessage,
  PROTOCOL_VERSION,
  type PutMessage,
  type RunMessage,
  type WaitMessage,
} from "../machine/protocol.ts";
import { attach } from "./attach.ts";
import { Control } from "./control.ts";
import { releaseDrives } from "./drivers.ts";
import { nameSelf } from "./hosts.ts";
import { Loop } from "./loop.ts";
import type { Ports } from "./ports.ts";
import { putFile } from "./put_file.ts";
import { Run } from "./run.ts";
import { tarArgv } from "./tar.ts";
import { findUser, requireFolder, type User } from "./user.ts";
import { shutDown } from "./shut_down.ts";
import { endThrashing } from "./thrashing.ts";
import { givePayload, prefork, type PreforkedCommand } from "./waiting.ts";
import { beginRun, ownWorkspace } from "./workspace.ts";

/** Serves a host over its ports. */
export class Session {
  readonly #ports: Ports;
  readonly #control: Control;
  readonly #loop: Loop;
  readonly #given: Pick<RunMessage, "commands" | "stdouts">;
  #run: Run | undefined;
  #waiting: PreforkedCommand | undefined;
  /** An earlier failure, reported in place of the next run. */
  #fault: unknown;

  /** @param given the commands of the kernel command line, for a run that has none */
  constructor(ports: Ports, given: Pick<RunMessage, "commands" | "stdouts">) {
    this.#ports = ports;
    this.#control = new Control(ports.control);
    this.#loop = new Loop(() => this.#control.flush());
    this.#given = given;
  }

  /** Sends hello and handles messages until the host hangs up. */
  serve(): void {
    this.#control.listen(this.#loop, {
      onMessage: (message) => this.#take(message),
      onHangup: () => this.#loop.end(),
    });
    endThrashing(this.#loop);
    this.#control.send({ type: "hello", version: PROTOCOL_VERSION });
    this.#loop.run();
  }

  #take(message: HostMessage): void {
    switch (message.type) {
      case "run":
        return this.#start(message);
      case "put":
        return this.#put(message);
      case "wait":
        return this.#wait(message);
      case "signal":
        return this.#run?.signal(message);
      case "resize":
        return this.#run?.resize(message);
      case "stdin-end":
        return this.#run?.endStdin(message.bytes);
      case "closed":
        return this.#run?.close(message.stream);
      case "detach":
        releaseDrives();
        collectGarbage();
        return this.#control.send({ type: "detached" });
      case "power-off":
        return shutDown();
    }
  }

  #put(message: PutMessage): void {
    if (this.#fault !== undefined) return;
    try {
      setClock(message.clockMs);
      if (message.attached !== undefined) attach(message.attached);
      putFile(message);
    } catch (error) {
      this.#fault = error;
    }
  }

  #wait(message: WaitMessage): void {
    try {
      if (this.#fault !== undefined) throw this.#fault;
      this.#waiting = prefork(message);
      this.#control.send({ type: "waiting" });
    } catch (error) {
      this.#fail(error);
    }
  }

  #start(message: RunMessage): void {
    try {
      if (this.#fault !== undefined) throw this.#fault;
      const user = prepare(message);
      const end = beginRun();
      const { uid, gid } = user ?? { uid: 0, gid: 0 };
      this.#control.send({ type: "started", uid, gid });
      const waiting = message.payload === undefined ? undefined : this.#waiting;
      if (waiting !== undefined) givePayload(waiting, message.payload!);
      const asked = message.commands.length > 0 ? message : { ...message, ...this.#given };
      const tar = message.tar && tarArgv(message.tar);
      const own = tar && { ...message, commands: [tar] };
      this.#run = new Run(this.#loop, own ?? asked, this.#ports, {
        user,
        waiting,
        onStdinRefused: () => this.#control.send({ type: "stdin-closed" }),
        onOutputEnd: (stream, bytes) => this.#control.send({ type: "end", stream, bytes }),
        onEnd: (status) => {
          this.#run = undefined;
          this.#control.send({ type: "exit", ...status, ...end() });
        },
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#control.send({ type: "failed", phase: "start", message: text });
  }
}

/** Collects garbage now, so that not every clone has to (guest-build/v8_flags.ts). */
function collectGarbage(): void {
  (globalThis as { readonly gc?: () => void }).gc?.();
}

/**
 * Prepares the machine for a run: clock, entropy, name, drives; returns its user, if there is one.
 */
function prepare(message: RunMessage): User | undefined {
  const { clockMs, entropy, hostname, attached, cwd } = message;
  setClock(clockMs);
  addEntropy(Uint8Array.fromBase64(entropy));
  if (hostname !== undefined) setHostname(hostname);
  if (attached !== undefined) attach(attached);
  if (hostname !== undefined) nameSelf();
  const user = message.user === undefined ? undefined : findUser(message.user);
  ownWorkspace(user);
  if (cwd !== undefined) requireFolder(cwd, user);
  return user;
}
