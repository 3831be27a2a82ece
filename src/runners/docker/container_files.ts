// Copies files into and out of a container that does not run, by `docker cp`.

import { streamTool, type ToolEnd, type ToolStreams } from "../../host/stream_tool.ts";
import { writtenStream } from "../../host/written_stream.ts";
import { MissingPath, type RemoteFiles } from "../contract/copies.ts";
import { ownWords } from "./verdict.ts";

/** What docker and podman print if there is nothing at a path. */
const NOTHING =
  /could not find the file|no such container:path|could not be found (on|in) (the )?c/i;

/** The container, and the signal that ends the copying. */
export interface ContainerPlace {
  readonly binary: string;
  readonly name: string;
  /** Returns the signal that ends what begins now. */
  readonly signal: () => AbortSignal;
}

/** Returns the files of a container, which has none that are private to a run. */
export function containerFiles({ binary, name, signal }: ContainerPlace): RemoteFiles {
  const copy = (from: string, to: string, streams: Omit<ToolStreams, "signal">) =>
    streamTool([binary, "cp", ...(from === "-" ? [] : ["-L"]), from, to], {
      ...streams,
      signal: signal(),
    });
  return {
    async unpack(stdin) {
      requireSuccess(await copy("-", `${name}:/`, { stdin }));
    },
    pack(path) {
      return writtenStream(async (stdout) =>
        requireSuccess(await copy(`${name}:${path}`, "-", { stdout }))
      );
    },
  };
}

function requireSuccess({ code, stderr }: ToolEnd): void {
  if (code === 0) return;
  if (NOTHING.test(stderr)) throw new MissingPath();
  throw new Error(ownWords(stderr) ?? `docker cp ended with code ${code}`);
}
