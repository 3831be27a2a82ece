// Summarises the errors of Deno's subcommands.

/** Returns the error in the stderr of Deno and its innermost cause, in one line. */
export function denoError(stderr: string): string {
  const error = /^error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  const cause = [...stderr.matchAll(/^ +\d+: (?!<unknown>)(.*)$/gm)].at(-1)?.[1];
  return cause === undefined ? error : `${error}: ${cause}`;
}
