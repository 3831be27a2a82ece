// Copies files to and from a remote host by its own `tar`. All data goes in as positional arguments.

import { writtenStream } from "../../host/written_stream.ts";
import { MissingPath, type RemoteFiles } from "../contract/copies.ts";
import { lastLine } from "./shell.ts";

/** The exit code for a path where there is nothing. */
const MISSING_CODE = 44;

/** Its argument is the folder to unpack in, which is made. */
const UNPACK = `
export LC_ALL=C
umask 022
mkdir -p -- "$1" && cd -- "$1" && exec tar -xpof -
`;

/** Its arguments are the folder that a relative path is in, and the path. */
const PACK = `
export LC_ALL=C
cd -- "$1" || exit
path=$2
case $path in /*) ;; *) path=./$path ;; esac
[ -e "$path" ] || exit ${MISSING_CODE}
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -h "$path" ] || break
  next=$(readlink "$path" && echo .) || exit
  next=\${next%??}
  case $next in /*) path=$next ;; *) path=$(dirname "$path")/$next ;; esac
done
if [ -f "$path" ] && [ ! -s "$path" ] && [ -n "$(head -c 1 "$path" | od -A n 2>/dev/null)" ]; then
  echo 'the kernel makes this file as it is read: copy its content to another file first' >&2
  exit 1
fi
sparse=
! tar --help 2>&1 | grep -q -e --sparse || sparse=S
cd -- "$(dirname "$path")" && exec tar "-c\${sparse}f" - "./$(basename "$path")"
`;

/** The result of a program on the remote host. */
export interface ProgramEnd {
  readonly code: number;
  readonly stderr: string;
}

/**
 * Runs a program on the remote host.
 *
 * @param stdin its input, owned; without it, empty
 * @param stdout takes its output, and is closed or aborted
 * @throws {RunnerError} if it cannot be run.
 */
export type RunProgram = (
  argv: readonly string[],
  streams: {
    readonly stdin?: ReadableStream<Uint8Array>;
    readonly stdout?: WritableStream<Uint8Array>;
  },
) => Promise<ProgramEnd>;

/** Returns the command that makes the private folder of a run. */
export function makeFolderArgv(folder: string): readonly string[] {
  return ["mkdir", "-p", "--", folder];
}

/**
 * Returns the files of a command on a remote host.
 *
 * @param folder the private folder of the run there, which is made if it is used
 */
export function remoteFiles(run: RunProgram, folder: string): RemoteFiles {
  return {
    async unpack(stdin, base) {
      const argv = ["sh", "-c", UNPACK, "sh", base === "root" ? "/" : folder];
      requireSuccess(await run(argv, { stdin }));
    },
    pack(path) {
      const argv = ["sh", "-c", PACK, "sh", path.startsWith("/") ? "/" : folder, path];
      return writtenStream(async (stdout) => requireSuccess(await run(argv, { stdout })));
    },
  };
}

function requireSuccess({ code, stderr }: ProgramEnd): void {
  if (code === 0) return;
  if (code === MISSING_CODE) throw new MissingPath();
  const words = lastLine(stderr)?.replace(/^tar: /, "");
  throw new Error(words ?? `tar exited with code ${code}`);
}
