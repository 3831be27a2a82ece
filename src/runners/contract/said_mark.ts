// What is said on stderr for execvm at the other end alone, where there is no other way for it.

/** How a line begins that is not for people. @param token used for no other command */
export function saidMark(token: string): string {
  return `\x1eexecvm-${token} `; // begins with ASCII's record separator, which hardly anybody writes
}
