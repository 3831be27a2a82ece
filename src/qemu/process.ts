// Starts QEMU and owns its process, sockets and folder.

import { resolve } from "node:path";
import { printableLines } from "../host/printable.ts";
import { toolPath } from "../host/program_path.ts";
import { tellProgramStart } from "../host/program_starts.ts";
import { type OnChunk, StreamTail } from "../host/stream_tail.ts";
import { within } from "../host/time_limit.ts";
import { startWithUs } from "../host/watchdog.ts";
import { ARCHITECTURES, HOST_ARCH } from "../machine/architectures.ts";
import { MachineError, MachineGone } from "../machine/machine_error.ts";
import { ProtocolError } from "../machine/protocol.ts";
import { messageOf } from "../model/errors.ts";
import { type MachineSpec, qemuArgv, readsKernel, type StateFds } from "./argv.ts";
import { grantBootFiles, requireBootFiles } from "./boot_files.ts";
import { type BoundedProcess, boundProcess, qemuBounds } from "./bounded_process.ts";
import { grantDrives } from "./granted_drives.ts";
import { grantMemory } from "./granted_memory.ts";
import { type PassedFds, withPassedFds } from "./passed_fds.ts";
import { type Connections, listenFor, PortSockets } from "./port_sockets.ts";
import { type QemuUser, qemuUser } from "./privileges.ts";
import { makeRunFolder } from "./run_folder.ts";
import { qemuVersion, versionFault } from "./version.ts";
import { hasPanicked, type QemuEnd, tellingLines, whyGone } from "./why_gone.ts";

/** Console lines shown in a message; the error itself has more of them. */
const SHOWN_LINES = 8;

/** How long QEMU may take to exit, or to close its output, once it has hung up. */
const END_MS = 500;

/** A machine to start QEMU for. */
export interface QemuSpec extends Omit<MachineSpec, "folder" | "state"> {
  /** The state file of a clone. */
  readonly stateFile?: string;
  /** Receives all output of the guest's console, from the start of this QEMU on. */
  readonly onConsole?: OnChunk | undefined;
}

/** A QEMU that has been started, and the connections to it. */
export interface StartedQemu {
  readonly process: QemuProcess;
  readonly connections: Connections;
  /** The descriptors of the state file in QEMU. */
  readonly state: StateFds | undefined;
}

/** The surroundings of a QEMU process. */
interface Place {
  readonly folder: string;
  readonly user: QemuUser | undefined;
  readonly bounded: BoundedProcess;
  readonly onConsole: OnChunk | undefined;
  /** Disposed after the process. */
  readonly owned: AsyncDisposableStack;
}

/** How long after QEMU's exit a connection that it made before may be reported. */
const LATE_MS = 50;

/** A QEMU process. Disposing it kills the process, if it still runs, and removes its folder. */
export class QemuProcess implements AsyncDisposable {
  /** The command line, with the file names that the caller gave. */
  readonly argv: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #place: Place;
  readonly #console: StreamTail;
  readonly #stderr: StreamTail;
  #hasEnded = false;
  #isOomKilled = false;

  private constructor(argv: readonly string[], child: Deno.ChildProcess, place: Place) {
    this.argv = argv;
    this.#child = child;
    this.#place = place;
    this.#console = new StreamTail(child.stdout, place.onConsole);
    this.#stderr = new StreamTail(child.stderr);
    child.status.then(({ signal }) => {
      this.kill(); // processes that it has left behind
      this.#isOomKilled = signal === "SIGKILL" && place.bounded.wasOomKilled();
      this.#hasEnded = true;
    });
  }

  /**
   * Starts QEMU, as an unprivileged user if we are root, and waits until it has connected its
   * ports.
   *
   * @param giveUp rejects when that takes too long
   * @throws {MachineError} if QEMU is missing, too old, or exits before that, or if a file is
   * missing.
   */
  static async start(spec: QemuSpec, giveUp: Promise<never>): Promise<StartedQemu> {
    try {
      return await QemuProcess.#start(spec, giveUp);
    } catch (error) {
      if (error instanceof MachineError) throw error;
      const message = `cannot prepare a machine: ${messageOf(error)}`;
      throw new MachineError(message, "start", [], "", error);
    }
  }

  static async #start(spec: QemuSpec, giveUp: Promise<never>): Promise<StartedQemu> {
    if (readsKernel(spec)) await requireBootFiles(spec);
    // A clone uses the QEMU that made its template.
    const isClone = spec.memory?.use === "clone";
    const fault = isClone ? undefined : qemuVersion(spec.qemu).then(versionFault);
    await using owned = new AsyncDisposableStack();
    const user = qemuUser(spec.accel);
    const folder = owned.use(await makeRunFolder(user)).path;
    const drives = await grantDrives(spec.drives, { folder, user });
    const memory = spec.memory && await grantMemory(spec.memory, { folder, user });
    const files = { ...await grantBootFiles(spec, { folder, user }), folder };
    await using sockets = new PortSockets(folder, { user, hasMonitor: spec.memory !== undefined });
    const argv = qemuArgv({ ...spec, folder });
    tellProgramStart("vm", argv);
    const spawnWith = (passed: PassedFds) =>
      [spawnWithUs(qemuArgv({ ...spec, ...files, ...passed }), argv, user), passed.state] as const;
    const [{ started: child, cleanup }, stateFds] = withPassedFds(
      { ...spec, drives, ...(memory && { memory }) },
      user,
      spawnWith,
    );
    owned.use(cleanup);
    const bounded = owned.use(boundProcess(child.pid, qemuBounds(spec)));
    const { onConsole } = spec;
    const place = { owned: owned.move(), folder, user, bounded, onConsole };
    const process = new QemuProcess(argv, child, place);
    try {
      const connected = sockets.connected();
      const ended = process.ended.then(async () => {
        await within(connected, LATE_MS);
        throw new MachineGone("QEMU exited before it had started the machine");
      });
      ended.catch(() => {}); // the version may be thrown instead
      const tooOld = await Promise.race([fault, giveUp]);
      if (tooOld !== undefined) throw new Error(tooOld);
      const connections = await Promise.race([connected, ended, giveUp]);
      await bounded.settled;
      sockets.handOver();
      return { process, connections, state: stateFds };
    } catch (error) {
      const failure = await process.failure("start", `cannot start ${spec.qemu}:`, error);
      await process[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Resolves when QEMU has exited. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Whether QEMU has exited. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the OOM killer of this host has killed it. */
  get isOomKilled(): boolean {
    return this.#isOomKilled;
  }

  /** The last output of the guest's console. */
  get consoleTail(): string {
    return printableLines(String(this.#console));
  }

  /**
   * Waits until the guest has powered the machine off.
   *
   * @throws {MachineGone} if QEMU exits in another way.
   */
  async switchedOff(): Promise<void> {
    const { success } = await this.#child.status;
    await within(this.#console.ended, END_MS);
    if (!success || hasPanicked(String(this.#console))) {
      throw new MachineGone("the machine ended before that");
    }
  }

  /** Stops QEMU from keeping this process alive. */
  unref(): void {
    this.#child.unref();
  }

  /** Undoes {@linkcode unref}. */
  ref(): void {
    this.#child.ref();
  }

  /** Listens on a socket in QEMU's folder; the listener is the caller's to close. */
  listen(name: string): Deno.UnixListener {
    const { folder, user } = this.#place;
    return listenFor(`${folder}/${name}`, user);
  }

  /** Kills QEMU at once, with everything that it has started. */
  kill(): void {
    if (this.#hasEnded) return;
    try {
      Deno.kill(-this.#child.pid, "SIGKILL"); // it leads its own process group
    } catch {
      // it has exited
    }
  }

  /**
   * Kills the machine and makes an error of it, with the last lines of its console.
   *
   * @param cannot the message up to the reason, such as `cannot start QEMU:`
   * @param cause the reason; for a {@linkcode MachineGone}, QEMU's exit and console are consulted
   */
  async failure(phase: string, cannot: string, cause: unknown): Promise<MachineError> {
    const end = cause instanceof MachineGone ? await within(this.#child.status, END_MS) : undefined;
    this.kill();
    await within(Promise.all([this.#console.ended, this.#stderr.ended]), END_MS);
    const tail = printableLines(`${this.#console}${this.#stderr}`);
    const why = cause instanceof ProtocolError ? undefined : whyGone(tail, this.#endOf(end), phase);
    const reason = why ?? messageOf(cause);
    // A reason from the guest may already be a whole message.
    const message = /^cannot /i.test(reason) ? reason : `${cannot} ${reason}`;
    const lines = tellingLines(tail, SHOWN_LINES);
    const shown = lines === "" ? message : `${message}:\n${lines}`;
    return new MachineError(shown, phase, this.argv, tail, cause);
  }

  #endOf(status: Deno.CommandStatus | undefined): QemuEnd | undefined {
    return status && { ...status, isOomKilled: this.#isOomKilled };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#child.status;
    if (this.#place.onConsole !== undefined) await within(this.#console.ended, END_MS);
    await this.#console.close();
    await this.#stderr.close();
    await this.#place.owned.disposeAsync();
  }
}

/** Like {@linkcode spawn}; QEMU is killed if this process is. */
function spawnWithUs(...request: Parameters<typeof spawn>) {
  return startWithUs(() => spawn(...request), ({ pid }) => ({ process: pid }));
}

/** @param shown the command line for errors */
function spawn(
  argv: readonly string[],
  shown: readonly string[],
  user: QemuUser | undefined,
): Deno.ChildProcess {
  const [program, ...args] = argv;
  try {
    return new Deno.Command(program!.includes("/") ? resolve(program!) : toolPath(program!), {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      cwd: "/", // its user may not be able to enter ours, such as /root
      detached: true, // in its own session, out of reach of the signals of our terminal
      ...user,
    }).spawn();
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound
      ? whyMissing(program!)
      : error instanceof Deno.errors.PermissionDenied && user !== undefined
      ? `user ${user.uid} (nobody), which QEMU runs as, has no permission to execute it`
      : messageOf(error);
    throw new MachineError(`cannot start ${program}: ${fact}`, "start", shown, "", error);
  }
}

function whyMissing(program: string): string {
  if (program.includes("/")) return "there is no such file";
  return `it is not installed: apt-get install ${packageOf(program)}`;
}

/** Debian's package of a QEMU program; for an unknown name, the package for this host. */
function packageOf(program: string): string {
  const known = Object.values(ARCHITECTURES).find(({ qemu }) => program.endsWith(qemu));
  return (known ?? ARCHITECTURES[HOST_ARCH]).qemuPackage;
}
