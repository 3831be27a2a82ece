// How code of each language runs: by which program, and from which file.

import type { Word } from "../model/word.ts";
import { GUEST_FOLDER } from "../machine/protocol_words.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import { PYTHON_WAITING } from "./python_waiting.ts";

/** How to run code of a language. */
export interface Language {
  /**
   * Programs that can run it, in order of preference; each an argv in which `{file}` is the code.
   */
  readonly programs: readonly (readonly [string, ...string[]])[];
  /** What the guest provides for images that have none of these programs. */
  readonly last?: readonly [string, ...string[]];
  /** The name of the file. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A program that runs the code in the file of its only argument and then waits, as
   * src/guest/waiting.ts requires, for its payload: folder, file, number of arguments, the
   * arguments, and variables as NAME=VALUE, separated by NUL.
   */
  readonly waiting?: readonly [string, ...string[]];
  /** Variables that the program reads only at start. */
  readonly startVariables?: RegExp;
  /**
   * A program without effect, which loads the interpreter into memory; empty if that is of no use.
   */
  readonly nothing: string;
}

const DENO_RUN = ["run", "--quiet", "--no-config", "--no-lock", "--allow-all", "{file}"] as const;
const DENO = ["deno", ...DENO_RUN] as const;

/** The guest's own Deno, started by its own loader, because the root may have other libraries. */
export const GUEST_DENO: readonly [string, ...string[]] = [
  ...[`${GUEST_FOLDER}/lib/ld.so`, "--library-path", `${GUEST_FOLDER}/lib`] as const,
  ...[`${GUEST_FOLDER}/deno`, ...DENO_RUN],
];

/**
 * Its cache would count as output of the code, so it is in /tmp, which is writable for all users.
 */
const DENO_ENV = { DENO_DIR: "/tmp/.deno", DENO_NO_UPDATE_CHECK: "1" } as const;

/** A language that `runCode` can run. */
export type LanguageName = "python" | "sh" | "javascript" | "typescript";

/** The languages by name. */
export const LANGUAGES: Readonly<Record<LanguageName, Language>> = {
  python: {
    programs: [["python3", "{file}"]],
    file: "main.py",
    // Its cache would count as output of the code.
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    waiting: ["python3", "-c", PYTHON_WAITING],
    startVariables: /^(PYTHON|LC_|LANG$|LD_|MALLOC_|GLIBC_)/,
    nothing: "pass",
  },
  sh: { programs: [["sh", "{file}"]], file: "main.sh", nothing: "" },
  javascript: {
    programs: [["node", "{file}"], DENO],
    last: GUEST_DENO,
    file: "main.mjs",
    env: DENO_ENV,
    nothing: "0;",
  },
  typescript: {
    programs: [DENO],
    last: GUEST_DENO,
    file: "main.ts",
    env: DENO_ENV,
    nothing: "0;",
  },
};

/** Returns whether a language exists. */
export function isLanguage(name: string): name is LanguageName {
  return Object.hasOwn(LANGUAGES, name);
}

/** The path of code that runs in templates: in memory. */
export const WARM_FOLDER = "/run/execvm";

/**
 * Returns the path of the code in the guest, in the folder of the given files and outputs, so that
 * it can import them; `undefined` if an argv needs no file.
 */
export function codePath(
  { language, argv }: {
    readonly language: LanguageName;
    readonly argv: readonly Word[] | undefined;
  },
): string | undefined {
  if (argv === undefined) return `${WORKSPACE}/${LANGUAGES[language].file}`;
  return argv.some((word) => typeof word === "string" && word.includes("{file}"))
    ? `${WORKSPACE}/main`
    : undefined;
}

/** Returns an argv with the code in it, by the path of its file or as text. */
export function fillIn(
  argv: readonly string[],
  { file = "", code }: { readonly file?: string | undefined; readonly code: string },
): readonly string[] {
  // A function, because `$` has a meaning in a replacement string.
  return argv.map((word) =>
    word.replaceAll(/\{(file|code)\}/g, (_, what) => ({ file, code })[what as "file" | "code"])
  );
}
