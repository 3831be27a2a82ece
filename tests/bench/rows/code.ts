// The cost of running code in a fresh machine, compared with a container of the same root.

import { cmd, type Image, prepareImage, runCode, type RunCodeOptions, tar } from "../../../mod.ts";
import { findKernel } from "../../../src/kernels/find.ts";
import { makePythonRoot, PYTHON } from "../../code/fixture.ts";
import { DOCKER, startEngine } from "../../support/docker.ts";
import { isInstalled } from "../../support/tools.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput } from "../run_child.ts";
import { TempDir } from "../temp_dir.ts";
import type { Sizes } from "./sizes.ts";

const PLAIN = "docker run --rm";
const IMAGE = "execvm-bench-python";
const MODULES = "import asyncio, email, http.client, json, unittest";

/** Returns the rows for code; none without a kernel, QEMU, Python and the tests' Docker engine. */
export async function codeRows({ cloneRounds: rounds }: Sizes): Promise<Row[]> {
  const tools = [DOCKER, "qemu-system-x86_64", "sqfstar", "mke2fs", PYTHON];
  if (!tools.every(isInstalled) || await findKernel() === undefined) return [];
  const common = { unit: "ms", rounds, baseline: PLAIN, prepare } as const;
  return [
    {
      ...common,
      name: "code-print",
      title: "print(1) in Python, to its end, with its outputs",
      contenders: contenders("print(1)"),
      targets: [
        { contender: "runCode", against: PLAIN, limit: { atMost: 1.5 } },
        { contender: "runCode, warm", against: PLAIN, limit: { atMost: 1.5 } },
      ],
    },
    {
      ...common,
      name: "code-modules",
      title: "the same with modules imported ahead",
      contenders: contenders(`${MODULES}\nprint(1)`),
      targets: [{ contender: "runCode, warm", against: PLAIN, limit: { atMost: 1 } }],
    },
  ];
}

let image: Image;

/** Makes the image for both contenders, and the templates. */
async function prepare(): Promise<void> {
  await startEngine();
  using folder = new TempDir();
  const root = await makePythonRoot(`${folder.path}/root`);
  await tar(".", { directory: root }).pipe(cmd("docker", "import", "-", IMAGE)).text();
  image = await prepareImage({ from: root });
  await runCode(image, "print(1)", OPTIONS);
  await runCode(image, "print(1)", { ...OPTIONS, warm: MODULES });
}

const OPTIONS: RunCodeOptions = { accel: "tcg", output: "none" };

function contenders(code: string): Contender[] {
  const args = ["run", "--rm", "--network", "none", IMAGE, "python3", "-c", code];
  return [
    timed(PLAIN, () => outputOf("docker", args)),
    timed("runCode", async () => (await runCode(image, code, OPTIONS)).stdout),
    timed("runCode, warm", async () => {
      return (await runCode(image, code, { ...OPTIONS, warm: MODULES })).stdout;
    }),
  ];
}

function timed(name: string, run: () => Promise<string>): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const output = await run();
      const ms = performance.now() - started;
      requireOutput(name, output, "1\n");
      return ms;
    },
  };
}
