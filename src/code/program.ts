// Chooses the program that runs code on an image.

import { readManifest } from "../images/manifest.ts";
import { HOST_ARCH } from "../machine/architectures.ts";
import { toWordList, toWords } from "../model/word.ts";
import type { Image } from "../prepare/image.ts";
import { findBootFiles } from "../vm/boot_files.ts";
import type { GuestFile } from "../vm/guest_dialog.ts";
import type { WarmCommand } from "../vm/template_key.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import { codePath, fillIn, type Language, LANGUAGES, WARM_FOLDER } from "./language.ts";
import { CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/** The command to run, and the file that it needs. */
export interface Program {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The code, unless the argv contains it. */
  readonly file: GuestFile | undefined;
  /** The payload for a program that waits, in place of starting it. */
  readonly payload: string;
  /** What the template has run before, so that it is in memory. */
  readonly warmUp: readonly WarmCommand[];
}

/** Folders of programs. */
const FOLDERS = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Returns the program for code. @throws {Error} if the image has none for its language. */
export async function programFor(
  image: Image,
  code: string,
  options: RunCodeOptions,
): Promise<Program> {
  const { language = CODE_DEFAULTS.language } = options;
  const argv = options.argv && toWordList(options.argv, "argv");
  const args = toWordList(options.args ?? [], "args");
  const env = toWords(options.env ?? {});
  const spoken: Language = LANGUAGES[language];
  const template = argv ?? await findProgram(image, language, spoken, options);
  const file = codePath({ language, argv });
  // The user's own variables are not in a template, because other runs clone it as well.
  const own = { ...image.config?.env, ...(argv === undefined && spoken.env) };
  return {
    argv: [...fillIn(template, { file, code }), ...args],
    env: { ...own, ...env },
    file: file === undefined
      ? undefined
      : { path: file, mode: 0o755, content: new TextEncoder().encode(code) },
    payload: payloadFor(file ?? "", args, env),
    warmUp: argv === undefined ? warmUpFor(spoken, template, own, options) : [],
  };
}

/** Returns what templates of a language run before they are saved. */
function warmUpFor(
  language: Language,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  { warm = language.nothing, env: given = {}, user }: RunCodeOptions,
): readonly WarmCommand[] {
  const { waiting, startVariables, nothing } = language;
  const file = { path: `${WARM_FOLDER}/warm-${language.file}`, text: warm || nothing };
  if (file.text === "") return [];
  const who = user === undefined ? {} : { user };
  const mustStart = Object.keys(given).some((name) => startVariables?.test(name) === true);
  if (waiting === undefined || mustStart || warm === false) {
    return [{ argv: fillIn(argv, { file: file.path, code: "" }), env, files: [file], ...who }];
  }
  // The path that the code of each run replaces.
  const rehearsed = { path: `${WORKSPACE}/${language.file}`, text: nothing };
  const payload = payloadFor(rehearsed.path, [], {});
  return [{ argv: [...waiting, file.path], env, files: [file, rehearsed], payload, ...who }];
}

function payloadFor(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [WORKSPACE, file, args.length, ...args, ...variables].join("\0");
}

/**
 * Returns the first program that the image has, else what the guest provides. If there is only one
 * candidate it is returned unchecked, because the guest reports that it is missing.
 */
async function findProgram(
  image: Image,
  name: string,
  { programs, last }: Language,
  options: RunCodeOptions,
): Promise<readonly string[]> {
  if (programs.length === 1 && last === undefined) return programs[0]!;
  const paths = new Set((await readManifest(image.path)).map(({ path }) => path));
  const search = [...searchPath(image), ...FOLDERS];
  const found = programs.find(([program]) =>
    search.some((folder) => paths.has(`${folder}/${program}`))
  );
  if (found !== undefined) return found;
  if (last !== undefined && await hasDeno(options)) return last;
  const wanted = programs.map(([program]) => program).join(" nor ");
  throw new Error(
    `cannot run ${name} on the image: it has no ${wanted}, and the guest's Deno is compiled in`,
  );
}

/** Returns whether the initrd has a Deno, which is unknown for a user's own initrd. */
async function hasDeno(options: RunCodeOptions): Promise<boolean> {
  const { kindOfInitrd } = await import("../../guest-build/ensure_initrd.ts");
  return kindOfInitrd((await findBootFiles(options, HOST_ARCH)).initrd) !== "compiled";
}

function searchPath({ config }: Image): readonly string[] {
  return config?.env["PATH"]?.split(":").filter((folder) => folder.startsWith("/")) ?? [];
}
