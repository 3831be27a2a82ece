// A running QEMU: its process, its sockets, its folder. Whoever has it disposes it.

import { resolve } from "node:path";
import { printableLines } from "../host/printable.ts";
import { toolPath } from "../host/program_path.ts";
import { tellProgramStart } from "../host/program_starts.ts";
import { StreamTail } from "../host/stream_tail.ts";
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

/** Lines of the console in a message; the error has more of them. */
const SHOWN_LINES = 8;

/** How long QEMU may take to end, or to let go of its output, once it has hung up. */
const END_MS = 500;

/** What QEMU is started for. */
export interface QemuSpec extends Omit<MachineSpec, "folder" | "state"> {
  /** The file with the state of a clone. */
  readonly stateFile?: string;
}

/** A QEMU that has been started, and its ends. */
export interface StartedQemu {
  readonly process: QemuProcess;
  readonly connections: Connections;
  /** What QEMU has open of the file with the state. */
  readonly state: StateFds | undefined;
}

/** Where a QEMU runs. */
interface Place {
  readonly folder: string;
  readonly user: QemuUser | undefined;
  readonly bounded: BoundedProcess;
  /** Disposed after the process. */
  readonly owned: AsyncDisposableStack;
}

/** How much later than its end a connection may be heard of that QEMU made before. */
const LATE_MS = 50;

/** A QEMU process. Disposing it kills it, if it is still there, and removes its folder. */
export class QemuProcess implements AsyncDisposable {
  /** The command line, with files by the names that the caller gave. */
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
    this.#console = new StreamTail(child.stdout);
    this.#stderr = new StreamTail(child.stderr);
    child.status.then(({ signal }) => {
      this.kill(); // what it has left behind
      this.#isOomKilled = signal === "SIGKILL" && place.bounded.wasOomKilled();
      this.#hasEnded = true;
    });
  }

  /**
   * Starts QEMU, without rights if we are root, and waits until it has connected its ports.
   *
   * @param giveUp rejects when that has taken too long
   * @throws {MachineError} if it is missing, too old, or ends before that, or a file is missing.
   */
  static async start(spec: QemuSpec, giveUp: Promise<never>): Promise<StartedQemu> {
    try {
      return await QemuProcess.#start(spec, giveUp);
    } catch (error) {
      if (error instanceof MachineError) throw error;
      const message = `Cannot prepare a machine as ${messageOf(error)}`;
      throw new MachineError(message, "start", [], "", error);
    }
  }

  static async #start(spec: QemuSpec, giveUp: Promise<never>): Promise<StartedQemu> {
    if (readsKernel(spec)) await requireBootFiles(spec);
    // A clone is made by the QEMU that has made its template.
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
    const process = new QemuProcess(argv, child, { owned: owned.move(), folder, user, bounded });
    try {
      const connected = sockets.connected();
      const ended = process.ended.then(async () => {
        await within(connected, LATE_MS);
        throw new MachineGone("QEMU ended before it had started the machine");
      });
      ended.catch(() => {}); // the version may be what is thrown
      const tooOld = await Promise.race([fault, giveUp]);
      if (tooOld !== undefined) throw new Error(tooOld);
      const connections = await Promise.race([connected, ended, giveUp]);
      await bounded.settled;
      sockets.handOver();
      return { process, connections, state: stateFds };
    } catch (error) {
      const failure = await process.failure("start", `Cannot start ${spec.qemu} as`, error);
      await process[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Whether it has. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the kernel of this machine has killed it for want of memory. */
  get isOomKilled(): boolean {
    return this.#isOomKilled;
  }

  /** What the console of its guest has shown last. */
  get consoleTail(): string {
    return printableLines(String(this.#console));
  }

  /**
   * Waits until its guest has switched it off.
   *
   * @throws {MachineGone} if it ends in another way.
   */
  async switchedOff(): Promise<void> {
    const { success } = await this.#child.status;
    await within(this.#console.ended, END_MS);
    if (!success || hasPanicked(String(this.#console))) {
      throw new MachineGone("the machine ended before that");
    }
  }

  /** Lets this process end before it. */
  unref(): void {
    this.#child.unref();
  }

  /** Undoes {@linkcode unref}. */
  ref(): void {
    this.#child.ref();
  }

  /** Listens for it in its folder; the listener is the caller's. */
  listen(name: string): Deno.UnixListener {
    const { folder, user } = this.#place;
    return listenFor(`${folder}/${name}`, user);
  }

  /** Kills it at once, with all that it has started. */
  kill(): void {
    if (this.#hasEnded) return;
    try {
      Deno.kill(-this.#child.pid, "SIGKILL"); // it leads a group of its own
    } catch {
      // it has ended
    }
  }

  /**
   * An error of this machine, with what its console showed last; it is killed.
   *
   * @param cannot the message, up to the reason
   * @param cause why; when the machine hung up, QEMU and its console are asked
   */
  async failure(phase: string, cannot: string, cause: unknown): Promise<MachineError> {
    const end = cause instanceof MachineGone ? await within(this.#child.status, END_MS) : undefined;
    this.kill();
    await within(Promise.all([this.#console.ended, this.#stderr.ended]), END_MS);
    const tail = printableLines(`${this.#console}${this.#stderr}`);
    const why = cause instanceof ProtocolError ? undefined : whyGone(tail, this.#endOf(end), phase);
    const reason = why ?? messageOf(cause);
    // What the guest could not do is said by it.
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
    await this.#console.close();
    await this.#stderr.close();
    await this.#place.owned.disposeAsync();
  }
}

/** As {@linkcode spawn}. It is killed if we are. */
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
      cwd: "/", // the user that it runs as may not enter ours, such as /root
      detached: true, // in a session of its own: what is typed at our terminal is not meant for it
      ...user,
    }).spawn();
  } catch (error) {
    const fact = error instanceof Deno.errors.NotFound
      ? whyMissing(program!)
      : error instanceof Deno.errors.PermissionDenied && user !== undefined
      ? `user ${user.uid} (nobody), which QEMU runs as, has no permission to execute it`
      : messageOf(error);
    throw new MachineError(`Cannot start ${program} as ${fact}`, "start", shown, "", error);
  }
}

function whyMissing(program: string): string {
  if (program.includes("/")) return "there is no such file";
  return `it is not installed: apt-get install ${packageOf(program)}`;
}

/** Debian's package of a QEMU; one that nobody knows may stand for this machine's. */
function packageOf(program: string): string {
  const known = Object.values(ARCHITECTURES).find(({ qemu }) => program.endsWith(qemu));
  return (known ?? ARCHITECTURES[HOST_ARCH]).qemuPackage;
}
