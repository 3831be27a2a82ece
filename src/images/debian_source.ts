// Makes a Debian root with mmdebstrap, as a tar; it does not need root.

import { toolSearchPath } from "../host/program_path.ts";
import { programOutput } from "./program.ts";
import {
  type DebianOptions,
  identityOf,
  NOTHING_TO_REMOVE,
  type RootSource,
  type SourceOptions,
} from "./root_source.ts";

const WORD = /^[a-z0-9][a-z0-9+.:=~-]*$/;

/**
 * Opens a Debian as a source. It is made when its root is read, which takes a minute and downloads
 * some 50 MiB.
 *
 * Its identity covers only the suite and the options, as the packages of a mirror change. For a
 * fixed Debian, use a mirror that does not change, such as snapshot.debian.org, or your own cache
 * key.
 *
 * @throws {TypeError} if an option is not valid.
 */
export function openDebianSource(suite: string, options: SourceOptions): RootSource {
  const { mirror, include = [], variant = "minbase" } = checked(options.debian ?? {});
  const argv = [
    "mmdebstrap",
    ...["--quiet", "--format=tar", `--variant=${variant}`],
    ...(include.length > 0 ? [`--include=${include.join(",")}`] : []),
    ...[suite, "-", ...(mirror === undefined ? [] : [mirror])],
  ] as const;
  const program = {
    install: INSTALL,
    env: { PATH: toolSearchPath() }, // it finds programs in root's folders, such as /sbin, by PATH
    explain: (stderr: string) => whyFailed(stderr, suite, mirror),
  };
  return {
    identity: identityOf("debian", JSON.stringify([Deno.build.arch, argv])),
    root: {
      kind: "tar",
      open() {
        options.onProgress?.({ what: `making a Debian ${suite} with mmdebstrap`, bytes: 0 });
        return programOutput({ argv, ...program }, { signal: options.signal });
      },
    },
    ...NOTHING_TO_REMOVE,
  };
}

/**
 * Explains a failed download of package lists, as mmdebstrap does not with --quiet; for example an
 * unknown suite.
 */
function whyFailed(stderr: string, suite: string, mirror = "Debian's mirror"): string | undefined {
  if (!/apt-get update .*failed/.test(stderr)) return undefined;
  return `cannot make the Debian ${suite}: ${mirror} has no such suite, or cannot be reached`;
}

const INSTALL = "apt-get install mmdebstrap";

function checked(options: DebianOptions): DebianOptions {
  const { mirror, include = [], variant = "minbase" } = options;
  for (const word of [...include, variant]) {
    if (!WORD.test(word)) throw refuse(word, "it is not a name of a package or variant");
  }
  const protocol = mirror === undefined ? "http:" : URL.parse(mirror)?.protocol;
  if (!["http:", "https:", "file:", "copy:"].includes(protocol ?? "")) {
    throw refuse(mirror!, "the mirror must be a URL");
  }
  return options;
}

function refuse(word: string, fact: string): TypeError {
  return new TypeError(`cannot make a Debian with ${JSON.stringify(word)}: ${fact}`);
}
