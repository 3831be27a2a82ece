// What puts an execvm into the cache of the user at a far side: two constant programs for its POSIX sh,
// which take all they need as positional arguments. Nothing is ever put into their text.

/**
 * Says what is there: after a line with the hash, whether a file of that hash is in the cache, the path
 * that it has or would have, the path of Deno if there is one, and the processor. Arguments: the hash, the
 * name, and where Deno is or an empty word.
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
 * Keeps what comes on stdin as a program if it has the hash. Several may do so at once: each writes a file
 * of its own and renames it. Removes what has not been used for long. Arguments: the hash and the path.
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

/** What {@linkcode lookArgv} has found. */
export interface RemotePlace {
  /** Whether the program is there, whole. */
  readonly isThere: boolean;
  /** Its path. */
  readonly path: string;
  /** The path of Deno; `undefined` if there is none. */
  readonly deno: string | undefined;
  /** The processor as `uname -m` has it. */
  readonly processor: string;
}

/** The argv that looks for a program of this name. @param deno where Deno is, if it is known */
export function lookArgv(sha256: string, name: string, deno = ""): readonly string[] {
  return ["sh", "-c", LOOK, "sh", sha256, name, deno];
}

/** The argv that keeps a program. @param path as it was found */
export function keepArgv(sha256: string, path: string): readonly string[] {
  return ["sh", "-c", KEEP, "sh", sha256, path];
}

/** What {@linkcode lookArgv} printed; shells may say something before. `undefined` if it is not all there. */
export function parsePlace(output: string, sha256: string): RemotePlace | undefined {
  const lines = output.split("\n");
  const start = lines.findIndex((line) => line.endsWith(sha256));
  if (start < 0) return undefined;
  const [have, path, deno, processor] = lines.slice(start + 1);
  if (path === undefined || !path.startsWith("/") || processor === undefined) return undefined;
  return { isThere: have === "yes", path, deno: deno === "" ? undefined : deno, processor };
}
