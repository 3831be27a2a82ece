// Marks lines on stderr that are for execvm at the other end, where there is no other channel.

/** Returns the prefix of such a line. @param token unique to one command */
export function saidMark(token: string): string {
  return `\x1eexecvm-${token} `; // starts with ASCII's record separator, which is rare in text
}
