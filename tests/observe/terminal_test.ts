import assert from "node:assert/strict";
import { local, stream } from "../../mod.ts";
import { EXECVM } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";

/** How long the view may take to appear, in milliseconds. */
const LIMIT_MS = 120_000;

/** Waits until a file exists, and prints a line before and after. */
const WAITING = 'echo early >&2; until [ -e "$1" ]; do sleep 0.1; done; echo late >&2; echo out';

/** A view below the line printed before. */
const BELOW = /early\r\n\rlocal +running +[\d.]+ m?s +- +- +sh -c/;

/**
 * Runs execvm on a terminal.
 *
 * @param onShown is called with all that was sent to the terminal so far
 */
async function onTerminal(
  shell: string,
  args: readonly string[],
  onShown: (shown: string) => void = () => {},
): Promise<string> {
  let shown = "";
  const decoder = new TextDecoder();
  const screen = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += decoder.decode(chunk, { stream: true });
      onShown(shown);
    },
  });
  const command = ["sh", "-c", shell, "sh", ...EXECVM, ...args] as const;
  const run = local({ tty: true }).cmd(...command).env({ TERM: "xterm", NO_COLOR: "1" });
  await run.to(stream(screen)).run({ check: false, timeoutMs: LIMIT_MS });
  return shown;
}

Deno.test("a pipeline whose ends are not the terminal has a view there, below its stderr", async () => {
  using folder = tempDir();
  await seesPipeline(folder.path, ":");
});

Deno.test("a terminal without a size has the default width", async () => {
  using folder = tempDir();
  await seesPipeline(folder.path, "stty cols 0 rows 0");
});

/** @param before a shell script to run on the terminal first */
async function seesPipeline(folder: string, before: string): Promise<void> {
  const [go, out] = [`${folder}/go`, `${folder}/out`];
  const shell = `${before}; exec < /dev/null > '${out}'; exec "$@"`;
  const args = ["run", "--timeout", "100s", "--", "sh", "-c", WAITING, "sh", go];
  const shown = await onTerminal(shell, args, (shown) => {
    if (BELOW.test(shown)) Deno.writeTextFileSync(go, "");
  });
  assert.match(shown, BELOW);
  assert.ok(shown.endsWith("\r\x1b[Jlate\r\n"), JSON.stringify(shown.slice(-200)));
  assert.equal(Deno.readTextFileSync(out), "out\n");
}

Deno.test("a command that uses the terminal has it to itself", async () => {
  const args = ["run", "--timeout", "100s", "--", "sh", "-c", "echo one >&2; sleep 2; echo two"];
  const shown = await onTerminal('exec "$@"', args);
  assert.equal(shown, "one\r\ntwo\r\n");
});

Deno.test("--quiet shows no view", async () => {
  using folder = tempDir();
  const shell = `exec < /dev/null > '${folder.path}/out'; exec "$@"`;
  const args = ["run", "--quiet", "--timeout", "100s", "--", "sh", "-c", "sleep 2; echo two >&2"];
  assert.equal(await onTerminal(shell, args), "two\r\n");
});
