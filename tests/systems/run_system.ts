// Runs parts in the root of a system and returns their results.

import type { Report } from "../harness/run_parts.ts";
import { spawnIn } from "../harness/debian_root.ts";
import { show } from "../harness/show.ts";
import { timed } from "../harness/times.ts";
import { type PartName, PARTS, type SystemPart } from "./parts.ts";
import { CLONE, openSystem, type SystemRoot } from "./system_root.ts";

/** The results of a system. */
export interface SystemReport {
  readonly suite: string;
  /** `name version` of its programs that execvm uses. */
  readonly versions: readonly string[];
  readonly parts: ReadonlyMap<PartName, Report>;
}

/** Runs all parts, also after failures. @throws {Error} if there is no such system. */
export async function runSystem(suite: string, names: readonly PartName[]): Promise<SystemReport> {
  await using root = await openSystem(suite);
  const parts = new Map<PartName, Report>();
  for (const name of names) {
    show(`\n== ${suite}: ${PARTS[name].title}`);
    const [report, time] = await timed(
      `${suite}: ${PARTS[name].title}`,
      () => runPart(root, PARTS[name]),
    );
    const files = report.times.flatMap(({ files }) => files);
    parts.set(name, { ...report, times: [{ ...time, files }] });
  }
  return { suite, versions: await versionsOf(root), parts };
}

async function runPart(root: SystemRoot, { argv, tests, title }: SystemPart): Promise<Report> {
  if (tests !== undefined) return await runTests(root, tests);
  const { success } = await spawnIn(root, CLONE, argv!).status;
  const failures = success ? [] : [{ name: title, text: `${argv!.join(" ")} failed` }];
  return { passed: success ? 1 : 0, failures, skipped: [], flaky: [], times: [] };
}

const REPORT = "tests.json";

/** Runs tests. None may be skipped; a file with a failure is run once more, alone. */
async function runTests(root: SystemRoot, tests: readonly string[]): Promise<Report> {
  const report = `${root.tmp}/${REPORT}`;
  await Deno.remove(report).catch(() => {}); // the previous part's
  const env = { EXECVM_TEST_REPORT: `/tmp/${REPORT}`, EXECVM_TEST_RETRY_ONCE: "1" };
  const argv = ["deno", "run", "-A", "tests/run.ts", ...tests];
  const { code } = await spawnIn(root, CLONE, argv, env).status;
  try {
    return JSON.parse(Deno.readTextFileSync(report));
  } catch {
    const failure = { name: argv.join(" "), text: `it exited with code ${code} and no report` };
    return { passed: 0, failures: [failure], skipped: [], flaky: [], times: [] };
  }
}

/** The packages to query dpkg for, by the names that are shown. */
const PACKAGES = {
  "libc6": "glibc",
  "qemu-system-x86": "QEMU",
  "docker.io": "Docker",
  "slurm-wlm": "Slurm",
  "openssh-server": "OpenSSH",
  "erofs-utils": "erofs-utils",
} as const;

/** A constant program that prints a line for each package, then the kernels in the cache. */
const VERSIONS = `
for name; do dpkg-query -W -f '\${Package} \${Version}\\n' "$name"; done
deno run -A --quiet src/cli/main.ts kernel list
`;

async function versionsOf(root: SystemRoot): Promise<string[]> {
  const file = "versions.txt";
  const script = `exec >/tmp/${file}${VERSIONS}`;
  await spawnIn(root, CLONE, ["sh", "-c", script, "sh", ...Object.keys(PACKAGES)]).status;
  const lines = Deno.readTextFileSync(`${root.tmp}/${file}`).trim().split("\n");
  return lines.map(toVersion).filter((line) => line !== undefined);
}

function toVersion(line: string): string | undefined {
  const [, kernel, arch] = line.split("\t"); // fetched, version, architecture, ..
  if (kernel !== undefined) return arch === "x86_64" ? `Linux ${kernel}` : undefined;
  const [name, version] = line.split(" ") as [keyof typeof PACKAGES, string];
  // Debian's epoch and revision are not part of the program's version.
  return `${PACKAGES[name]} ${version.replace(/^\d+:/, "").replace(/[-+].*$/, "")}`;
}
