// The list of all rows of the bench.

import type { Row } from "../row.ts";
import { cliRow } from "./cli.ts";
import { codeRows } from "./code.ts";
import { dockerRows } from "./docker.ts";
import { cloneRows } from "./clones.ts";
import { fanOutRows } from "./fan_out.ts";
import { firstByteRows } from "./first_byte.ts";
import { memoryRows } from "./memory.ts";
import { type Setting, sizesOf } from "./sizes.ts";
import { spawnRow } from "./spawn.ts";
import { slurmRows } from "./slurm.ts";
import { sshRows } from "./ssh.ts";
import { tarRows } from "./tar.ts";
import { TarFixture } from "./tar_fixture.ts";
import { throughputRow } from "./throughput.ts";
import { vmRows } from "./vm.ts";

/**
 * Returns all rows, in the order in which they run. Each prepares its files only when it is
 * measured.
 */
export async function makeRows(setting: Setting): Promise<readonly Row[]> {
  const sizes = sizesOf(setting);
  const fixture = new TarFixture(setting.directory, sizes);
  return [
    throughputRow(sizes),
    spawnRow(sizes),
    ...firstByteRows(sizes),
    ...tarRows(sizes, fixture),
    cliRow(sizes),
    ...memoryRows(sizes, fixture),
    ...await vmRows(sizes),
    ...await cloneRows(sizes),
    ...await codeRows(sizes),
    ...dockerRows(sizes),
    ...sshRows(sizes),
    ...slurmRows(sizes),
    ...await fanOutRows(sizes),
  ];
}
