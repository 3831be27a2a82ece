// Runs a program of this machine and returns its output.

import { toolPath } from "./program_path.ts";
import { startCommandWithUs } from "./watchdog.ts";

/** Options of {@linkcode runTool}. */
export interface RunToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sends the program a SIGTERM when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program, which must succeed, and returns its stdout. It is killed if this process is
 * killed, and runs in the C locale, so that its output can be parsed.
 *
 * @throws {Error} if it does not exist, or fails; with the last lines of its stderr.
 */
export async function runTool(
  argv: readonly [string, ...string[]],
  { signal: ending, ...options }: RunToolOptions = {},
): Promise<Uint8Array> {
  const [program, ...args] = argv;
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const { started: child, cleanup } = await startCommandWithUs(
    (variables) => {
      const env = { LC_ALL: "C", ...options.env, ...variables };
      const end = ending === undefined ? {} : { signal: ending };
      return start(
        new Deno.Command(toolPath(program), { args, ...options, env, ...streams, ...end }),
        program,
      );
    },
    ({ pid }) => ({ process: pid }),
  );
  using _cleanup = cleanup;
  const { code, signal, stdout, stderr } = await child.output();
  if (code === 0) return stdout;
  const end = signal === null ? `exited with code ${code}` : `died of ${signal}`;
  const lines = new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join("\n");
  throw new Error(`${argv.slice(0, 2).join(" ")} ${end}${lines === "" ? "" : `:\n${lines}`}`);
}

function start(command: Deno.Command, program: string): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`there is no program ${program}`, { cause: error });
  }
}
