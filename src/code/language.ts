// How code is run: by which program, and from which file.

import type { Word } from "../model/word.ts";
import { GUEST_FOLDER } from "../machine/protocol_words.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import { PYTHON_WAITING } from "./python_waiting.ts";

/** How to run code of a language. */
export interface Language {
  /** Programs that can run it, the preferred one first; each an argv, in which `{file}` is the code. */
  readonly programs: readonly (readonly [string, ...string[]])[];
  /** What the guest has for images that have none of them. */
  readonly last?: readonly [string, ...string[]];
  /** The name of the file. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A program that runs the code of the file in its only argument and then waits, as guests want it
   * (src/guest/waiting.ts), for its payload: folder, file, how many arguments, these, and
   * variables as NAME=VALUE, with a NUL between them.
   */
  readonly waiting?: readonly [string, ...string[]];
  /** Variables that only a program that starts takes notice of. */
  readonly startVariables?: RegExp;
  /** A program of no effect, for the interpreter to be in memory; empty if there is no use in that. */
  readonly nothing: string;
}

const DENO_RUN = ["run", "--quiet", "--no-config", "--no-lock", "--allow-all", "{file}"] as const;
const DENO = ["deno", ...DENO_RUN] as const;

/** The guest's own Deno: by its loader, as the libraries of the root may be others. */
export const GUEST_DENO: readonly [string, ...string[]] = [
  ...[`${GUEST_FOLDER}/lib/ld.so`, "--library-path", `${GUEST_FOLDER}/lib`] as const,
  ...[`${GUEST_FOLDER}/deno`, ...DENO_RUN],
];

/** What it keeps for next time would be taken for what the code made; everybody may write to /tmp. */
const DENO_ENV = { DENO_DIR: "/tmp/.deno", DENO_NO_UPDATE_CHECK: "1" } as const;

/** The name of a language. */
export type LanguageName = "python" | "sh" | "javascript" | "typescript";

/** The languages, by the names that they are asked for with. */
export const LANGUAGES: Readonly<Record<LanguageName, Language>> = {
  python: {
    programs: [["python3", "{file}"]],
    file: "main.py",
    // What it keeps for next time would be taken for what the code made.
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

/** Whether there is a language of that name. */
export function isLanguage(name: string): name is LanguageName {
  return Object.hasOwn(LANGUAGES, name);
}

/** Where code that runs in templates is in a guest: in memory. */
export const WARM_FOLDER = "/run/execvm";

/**
 * Where code is in a guest: beside the files that it is given and those that it writes, so that it can import
 * them. Without a file, as an argv names none: nothing.
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

/** An argv with the code in it, as the path of its file or as the text itself. */
export function fillIn(
  argv: readonly string[],
  { file = "", code }: { readonly file?: string | undefined; readonly code: string },
): readonly string[] {
  // A function, as a string would have its $ read.
  return argv.map((word) =>
    word.replaceAll(/\{(file|code)\}/g, (_, what) => ({ file, code })[what as "file" | "code"])
  );
}
