// Starts a real Slurm cluster of two nodes on this machine for tests; it ends with the test
// process.

import { fileURLToPath } from "node:url";
import { killTree } from "../../src/host/process_tree.ts";
import { openForWriting, openPipe } from "../../src/libc/fd.ts";
import { findLibc } from "../../src/libc/libc.ts";
import { spawnUnwatched } from "../../src/libc/spawn.ts";
import { isFile, isInstalled } from "./tools.ts";

const SCRIPT = fileURLToPath(new URL("cluster.sh", import.meta.url));

const SERVERS = ["munged", "slurmctld", "slurmd"].map((name) => `/usr/sbin/${name}`);

/**
 * The servers and srun listen on the address of this host's name, but connections come from this
 * one.
 */
const ADDRESS = "127.0.0.1";

/**
 * What a test with a cluster needs: servers that are started as root, not reachable from other
 * hosts.
 */
export const SLURM: readonly string[] =
  Deno.build.os !== "linux" || Deno.uid() !== 0 || findLibc() === undefined
    ? ["/a/slurm/cluster/started/as/root"]
    : ownAddress() !== ADDRESS
    ? [`/an/etc/hosts/where/${ADDRESS}/is/${Deno.hostname()}`]
    : [...SERVERS, "srun"];

/**
 * The variable with the cluster for the other test files, each of which loads its own copy of this
 * module.
 */
const SHARED = "EXECVM_TEST_CLUSTER";

/** How long a cluster may take to start, in milliseconds, and how often starting is tried. */
const START_MS = 60_000;
const STARTS = 3;

/** Prints the parents of all tasks of a cluster on a node. */
const STEPS = `
for file in $(grep -lsF "$1" $(grep -lsF "$2" /proc/[0-9]*/environ)); do
  ps -o ppid= -p "$(basename "\${file%/environ}")"
done | sort -u`;

/** The number of processors that each node claims to have. */
export const NODE_CPUS = 8;

/** A running cluster. */
export interface Cluster {
  /** The folder of its files. */
  readonly folder: string;
}

/** A cluster for one test, which ends when disposed. */
export interface OwnCluster extends Cluster, Disposable {
  /** Makes Slurm's programs use it until disposed. */
  use(): Disposable;
  /** Kills a node at once, with everything that runs on it. */
  kill(node: string): Promise<void>;
}

/** Returns the cluster that Slurm's programs use. */
export function clusterInUse(): Cluster {
  return { folder: (Deno.env.get("SLURM_CONF") ?? "").replace(/\/slurm\.conf$/, "") };
}

/**
 * Makes Slurm's programs use the cluster shared by all test files, and starts it if it does not
 * run.
 */
export async function useCluster(): Promise<void> {
  if (!SLURM.every(isInstalled)) return;
  const shared = Deno.env.get(SHARED) ?? (await startCluster()).folder;
  Deno.env.set(SHARED, shared);
  Deno.env.set("SLURM_CONF", `${shared}/slurm.conf`);
}

/**
 * Starts a cluster, which ends when disposed or with this process.
 *
 * @param more lines of its slurm.conf
 */
export async function startCluster(...more: readonly string[]): Promise<OwnCluster> {
  for (let start = 1; true; start++) {
    const cluster = launch(more);
    if (await isReady(cluster)) return cluster;
    const log = logOf(cluster);
    cluster[Symbol.dispose]();
    if (start === STARTS) throw new Error(`The cluster did not start:\n${log}`);
  }
}

/** Runs one of Slurm's programs with a cluster and returns its output. */
export async function slurmSays({ folder }: Cluster, ...argv: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(argv[0]!, {
    args: argv.slice(1),
    env: { SLURM_CONF: `${folder}/slurm.conf` },
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

/**
 * Returns the address of this host's name. Debian's installer sets 127.0.1.1, with which steps
 * never start.
 */
function ownAddress(): string {
  try {
    const args = ["ahostsv4", Deno.hostname()];
    const { stdout } = new Deno.Command("getent", { args }).outputSync();
    return new TextDecoder().decode(stdout).split(" ")[0]!;
  } catch {
    return ADDRESS; // getent does not exist
  }
}

function launch(more: readonly string[]): OwnCluster {
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-slurm-" });
  Deno.chmodSync(folder, 0o755);
  for (const name of ["munge", "state", "spool-n1", "spool-n2"]) {
    Deno.mkdirSync(`${folder}/${name}`);
  }
  const key = crypto.getRandomValues(new Uint8Array(128));
  Deno.writeFileSync(`${folder}/munge/key`, key, { mode: 0o600 });
  Deno.writeTextFileSync(`${folder}/slurm.conf`, configuration(folder, more));
  using output = openForWriting("/dev/null");
  const { read, write } = openPipe();
  using input = read;
  spawnUnwatched({
    path: "/bin/sh",
    argv: ["sh", SCRIPT, folder],
    environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"],
    stdin: input,
    stdout: output,
    stderr: output,
    leads: "session",
  });
  return {
    folder,
    use: () => use(folder),
    kill: (node) => killNode(folder, node),
    [Symbol.dispose]: () => write.close(), // it ends at EOF, also when we die
  };
}

function use(folder: string): Disposable {
  const before = Deno.env.get("SLURM_CONF");
  Deno.env.set("SLURM_CONF", `${folder}/slurm.conf`);
  return {
    [Symbol.dispose]() {
      if (before === undefined) Deno.env.delete("SLURM_CONF");
      else Deno.env.set("SLURM_CONF", before);
    },
  };
}

/**
 * Kills a node, whose steps have its name in their environment, or are children of such processes.
 */
async function killNode(folder: string, node: string): Promise<void> {
  const pid = Number(Deno.readTextFileSync(`${folder}/${node}.pid`));
  const steps = await new Deno.Command("sh", {
    args: ["-c", STEPS, "sh", `SLURM_CONF=${folder}/slurm.conf`, `SLURMD_NODENAME=${node}`],
  }).output();
  Deno.kill(pid, "SIGKILL");
  for (const step of new TextDecoder().decode(steps.stdout).split("\n").filter(Boolean)) {
    killTree(Number(step), "SIGKILL");
  }
}

/** Returns the logs of its servers. */
function logOf({ folder }: Cluster): string {
  const log = `${folder}/log`;
  return isFile(log) ? Deno.readTextFileSync(log) : "";
}

async function isReady(cluster: Cluster): Promise<boolean> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (await slurmSays(cluster, "sinfo", "-h", "-p", "all", "-N", "-o", "%T") === "idle\nidle") {
      return true;
    }
    if (logOf(cluster).includes("fatal: ")) return false; // a server has given up
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

function configuration(folder: string, more: readonly string[]): string {
  const [controller, ...nodes] = freePorts(3);
  const lines = [
    "ClusterName=execvm",
    `SlurmctldHost=localhost(${ADDRESS})`,
    "SlurmUser=root",
    `AuthInfo=socket=${folder}/munge/socket`,
    `SlurmctldPort=${controller}`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/%n.pid`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `StateSaveLocation=${folder}/state`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/%n.log`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "MpiDefault=none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU",
    "ReturnToService=2",
    "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny", // they listen on the loopback only
    // The nodes are one machine, which may have fewer processors.
    "SlurmdParameters=config_overrides",
    "SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1",
    ...more,
    ...nodes.map((port, index) =>
      `NodeName=n${
        index + 1
      } NodeHostname=localhost NodeAddr=${ADDRESS} Port=${port} CPUs=${NODE_CPUS} RealMemory=1000`
    ),
    "PartitionName=all Nodes=n1,n2 Default=YES",
  ];
  return `${lines.join("\n")}\n`;
}

/** Returns free ports, below the range of ephemeral ones. */
function freePorts(count: number): readonly number[] {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      Deno.listen({ hostname: ADDRESS, port }).close();
      ports.add(port);
    } catch {
      // It is in use.
    }
  }
  return [...ports];
}
