// The context that every subcommand receives.

import { whereFull } from "../../host/fault.ts";
import type { CommandContext, RouteMap } from "npm:@stricli/core@1.3.0";

/**
 * The context of a subcommand: where it writes, its environment, and where it sets the exit code.
 */
export interface CliContext extends CommandContext {
  readonly process: {
    readonly stdout: { write(text: string): void };
    readonly stderr: { write(text: string): void };
    readonly env: Readonly<Record<string, string | undefined>>;
    exitCode?: number | string | null;
  };
  /** All subcommands, for help and completion. */
  readonly root: () => RouteMap<CliContext>;
}

/** Returns the context of this process. @param root returns the subcommands */
export function ownContext(root: () => RouteMap<CliContext>): CliContext {
  return {
    root,
    process: {
      stdout: { write: (text) => writeAll(Deno.stdout, text) },
      stderr: { write: (text) => writeAll(Deno.stderr, text) },
      env: Deno.env.toObject(),
    },
  };
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
      rest = rest.subarray(stream.writeSync(rest));
    }
  } catch (error) {
    throw whereFull(error, stream === Deno.stdout ? "to stdout" : "to stderr");
  }
}
