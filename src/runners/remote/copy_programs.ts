// Copies an execvm into the user's cache on a remote host by two constant programs for its POSIX
// sh. All data goes in as positional arguments; nothing is ever inserted into their text.

/**
 * Prints what is there, a line each: the hash, whether a file with that hash is in the cache, the
 * path that it has or would have, the path of Deno or an empty line, and the processor. Arguments:
 * the hash, the file's name, and the path of Deno or an empty word.
 */
const LOOK = `
bin=\${EXECVM_CACHE:-\${XDG_CACHE_HOME:-$HOME/.cache}/execvm}/bin
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
sum=$(sha256sum 2>/dev/null <"$bin/$2")
[ "\${sum%% *}" = "$1" ] && touch "$bin/$2" && have=yes || have=no
case $3 in
  '') deno=$(command -v deno || command -v "$HOME/.deno/bin/deno") ;;
  *) deno=$(command -v "$3") ;;
esac
printf '%s\\n' "$1" "$have" "$bin/$2" "$deno" "$(uname -m)"
`;

/**
 * Stores stdin as a program if it has the hash. Several may run at once: each writes a temporary
 * file and renames it. Removes programs that have not been used for 60 days. Arguments: the hash
 * and the path.
 */
const KEEP = `
umask 077
bin=\${2%/*}
mkdir -p "$bin" || exit
part=$(mktemp "$2.XXXXXX") || exit
trap 'rm -f "$part"' EXIT
cat >"$part" || exit
sum=$(sha256sum <"$part") || exit
[ "\${sum%% *}" = "$1" ] || { echo 'what has arrived is not what was sent' >&2; exit 1; }
chmod 700 "$part" && mv "$part" "$2" || exit
find "$bin" -type f -mtime +60 -exec rm -f {} + 2>/dev/null || : # it fails where another one renames its file
`;

/** What the program of {@linkcode lookArgv} has found. */
export interface RemotePlace {
  /** Whether the program is there and complete. */
  readonly isThere: boolean;
  /** The path that it has or would have. */
  readonly path: string;
  /** The path of Deno; `undefined` if there is none. */
  readonly deno: string | undefined;
  /** The processor as `uname -m` prints it. */
  readonly processor: string;
}

/** Returns the argv that looks for a program of this name. @param deno path of Deno, if known */
export function lookArgv(sha256: string, name: string, deno = ""): readonly string[] {
  return ["sh", "-c", LOOK, "sh", sha256, name, deno];
}

/**
 * Returns the argv that stores its stdin as a program.
 *
 * @param path as in {@linkcode RemotePlace}
 */
export function keepArgv(sha256: string, path: string): readonly string[] {
  return ["sh", "-c", KEEP, "sh", sha256, path];
}

/**
 * Parses the output of {@linkcode lookArgv}'s program, which may follow output of login scripts.
 *
 * @returns `undefined` if the output is incomplete
 */
export function parsePlace(output: string, sha256: string): RemotePlace | undefined {
  const lines = output.split("\n");
  const start = lines.findIndex((line) => line.endsWith(sha256));
  if (start < 0) return undefined;
  const [have, path, deno, processor] = lines.slice(start + 1);
  if (path === undefined || !path.startsWith("/") || processor === undefined) return undefined;
  return { isThere: have === "yes", path, deno: deno === "" ? undefined : deno, processor };
}
