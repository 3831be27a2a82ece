// The sizes of a run of the bench.

const MIB = 1 << 20;

/** The settings of a run of the bench. */
export interface Setting {
  /** An empty folder for files that rows need. */
  readonly directory: string;
  /** Small sizes and few rounds. */
  readonly quick: boolean;
}

/** How much the rows do. */
export interface Sizes {
  readonly rounds: number;
  /** Rounds of short jobs, which vary more. */
  readonly shortRounds: number;
  readonly memoryRounds: number;
  /** Rounds that compare machines with containers. */
  readonly cloneRounds: number;
  readonly throughputBytes: number;
  /** A smaller size, for contenders that would take too long. */
  readonly slowThroughputBytes: number;
  readonly spawns: number;
  readonly bigFileBytes: number;
  readonly treeFiles: number;
  /** The number of items of fan-outs, for each kind of runner. */
  readonly fanOutItems: Readonly<Record<"local" | "vm" | "slurm", number>>;
}

/** The sizes of a run. */
export function sizesOf({ quick }: Setting): Sizes {
  return quick
    ? {
      rounds: 3,
      shortRounds: 5,
      memoryRounds: 1,
      cloneRounds: 5,
      throughputBytes: 256 * MIB,
      slowThroughputBytes: 32 * MIB,
      spawns: 40,
      bigFileBytes: 128 * MIB,
      treeFiles: 1000,
      fanOutItems: { local: 200, vm: 12, slurm: 20 },
    }
    : {
      rounds: 7,
      shortRounds: 15,
      memoryRounds: 3,
      cloneRounds: 20,
      throughputBytes: 2048 * MIB,
      slowThroughputBytes: 128 * MIB,
      spawns: 200,
      bigFileBytes: 1024 * MIB,
      treeFiles: 10_000,
      fanOutItems: { local: 1000, vm: 60, slurm: 100 },
    };
}

/** Formats a size for titles. */
export function inMib(bytes: number): string {
  return bytes % (1024 * MIB) === 0 ? `${bytes / MIB / 1024} GiB` : `${bytes / MIB} MiB`;
}
