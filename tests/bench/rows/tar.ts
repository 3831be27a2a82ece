// The speed of packing files.

import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, runChild } from "../run_child.ts";
import { inMib, type Sizes } from "./sizes.ts";
import type { TarFixture, TarFolder } from "./tar_fixture.ts";

const GNU = "GNU tar | cat";

/** One big file, and a tree of small ones. */
export function tarRows(sizes: Sizes, fixture: TarFixture): Row[] {
  const common = {
    unit: "MB/s",
    rounds: sizes.rounds,
    baseline: GNU,
    targets: [{ contender: "execvm", against: GNU, limit: { atLeast: 0.5 } }],
  } as const;
  return [
    {
      ...common,
      name: "tar-file",
      title: `packing a file of ${inMib(sizes.bigFileBytes)}, through cat to nowhere`,
      contenders: [gnuTar(fixture.file), execvmTar(fixture.file)],
      prepare: () => fixture.makeFile(),
    },
    {
      ...common,
      name: "tar-tree",
      title: `packing ${sizes.treeFiles} files of up to 8 KiB, through cat to nowhere`,
      contenders: [gnuTar(fixture.tree), execvmTar(fixture.tree)],
      prepare: () => fixture.makeTree(),
    },
  ];
}

function execvmTar({ path, archiveBytes }: TarFolder): Contender {
  const job = { contender: "execvm", job: "tar", arg: path, expected: `${archiveBytes}` };
  return {
    name: "execvm",
    measure: async () => megabytesPerSecond(archiveBytes, (await runChild(job)).meanMs),
  };
}

function gnuTar({ path, archiveBytes }: TarFolder): Contender {
  return {
    name: GNU,
    async measure() {
      const started = performance.now();
      // If tar fails it prints an error, and `outputOf` throws.
      await outputOf("sh", ["-c", 'tar -C "$1" -cf - . | cat > /dev/null', "sh", path]);
      return megabytesPerSecond(archiveBytes, performance.now() - started);
    },
  };
}

function megabytesPerSecond(bytes: number, ms: number): number {
  return bytes / 1e3 / ms;
}
