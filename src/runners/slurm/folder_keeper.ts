// Keeps the private folder of a run on a node, by a program there that removes it at its end.

import { nullOutput, openEdge, toReadable, toWriter } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";
import { RunnerError } from "../../model/errors.ts";
import type { Running } from "../contract/runner.ts";

/**
 * Makes the folder, which is its argument, prints a line, and removes it at the end of its input or of
 * the job. A command that is killed with the job may still write to it for a moment.
 */
const KEEPER = `
for signal in HUP INT QUIT USR1 USR2 ALRM TERM; do trap : "$signal"; done
umask 077
mkdir "$1" || exit
echo made
cat >/dev/null
cd /
for try in 1 2 3 4 5; do
  rm -rf "$1"
  [ -e "$1" ] || exit 0
  sleep 1
done
`;

/** The program that keeps a folder. Disposing it removes the folder. */
export class FolderKeeper implements AsyncDisposable {
  readonly #running: Running;
  readonly #input: { close(): Promise<void> };

  private constructor(running: Running, input: { close(): Promise<void> }) {
    this.#running = running;
    this.#input = input;
  }

  /**
   * Makes the folder.
   *
   * @param start starts a program on the node
   * @throws {RunnerError} if that fails.
   */
  static async start(
    folder: string,
    start: (argv: readonly string[], stdio: Stdio) => Promise<Running>,
  ): Promise<FolderKeeper> {
    const [input, output] = [openEdge(), openEdge()];
    const writer = toWriter(input.write, Deno.stdout);
    const argv = ["sh", "-c", KEEPER, "sh", folder];
    const running = await start(argv, {
      stdin: input.read,
      stdout: output.write,
      stderr: nullOutput(),
    });
    const keeper = new FolderKeeper(running, { close: async () => void await writer.close() });
    const said = toReadable(output.read).getReader();
    const { done } = await said.read();
    void drain(said); // its relay on the node would take a closed output for a lost reader
    if (!done) return keeper;
    await keeper[Symbol.asyncDispose]();
    throw new RunnerError(`cannot run on Slurm: the folder ${folder} cannot be made on the node`, {
      ...{ runner: "slurm", phase: "copy", argv, consoleTail: "" },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#running.exited.catch(() => {});
    await this.#running[Symbol.asyncDispose]();
  }
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
