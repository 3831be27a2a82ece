// What Deno says when one of its subcommands fails.

/** The error in the stderr of Deno and what is at the bottom of it, in a line. */
export function denoError(stderr: string): string {
  const error = /^error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  const cause = [...stderr.matchAll(/^ +\d+: (?!<unknown>)(.*)$/gm)].at(-1)?.[1];
  return cause === undefined ? error : `${error}: ${cause}`;
}
