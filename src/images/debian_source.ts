// A Debian made by mmdebstrap, which needs no root, as a tar.

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
 * Describes a Debian; it is made when it is read, which takes a minute and fetches some 50 MiB.
 *
 * Its identity is that of the words here: what a mirror has under them changes. Whoever wants to know
 * which one it is gives a mirror that does not, as of snapshot.debian.org, or a key of their own.
 *
 * @throws {TypeError} if an option cannot be.
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
    env: { PATH: toolSearchPath() }, // it runs programs of root, which it looks for by PATH
    explain: (stderr: string) => whyFailed(stderr, suite, mirror),
  };
  return {
    identity: identityOf("debian", JSON.stringify([Deno.build.arch, argv])),
    root: {
      kind: "tar",
      open: () => programOutput({ argv, ...program }, { signal: options.signal }),
    },
    ...NOTHING_TO_REMOVE,
  };
}

/** With --quiet mmdebstrap does not say why it has no lists of packages, such as for a suite that is not there. */
function whyFailed(stderr: string, suite: string, mirror = "Debian's mirror"): string | undefined {
  if (!/apt-get update .*failed/.test(stderr)) return undefined;
  return `cannot make the Debian ${suite}: ${mirror} has no such suite, or cannot be reached`;
}

const INSTALL = "apt-get install mmdebstrap";

function checked(options: DebianOptions): DebianOptions {
  const { mirror, include = [], variant = "minbase" } = options;
  for (const word of [...include, variant]) {
    if (!WORD.test(word)) throw refuse(word, "it is no name of a package or variant");
  }
  const protocol = mirror === undefined ? "http:" : URL.parse(mirror)?.protocol;
  if (!["http:", "https:", "file:", "copy:"].includes(protocol ?? "")) {
    throw refuse(mirror!, "the mirror must be a URL");
  }
  return options;
}

function refuse(word: string, fact: string): TypeError {
  return new TypeError(`Cannot make a Debian with ${JSON.stringify(word)} as ${fact}`);
}
