// Parses the user that a command runs as: NAME or UID, optionally followed by :GROUP or :GID. Pure.

/** The parts of a user specification; each may be a name or a number. */
export interface UserWords {
  readonly user: string;
  readonly group?: string;
}

/** The largest id: the next number means "no change" (chown(2)). */
const MAX_ID = 2 ** 32 - 2;

/** Parses a user specification. @throws {TypeError} if it is malformed. */
export function parseUser(text: string): UserWords {
  const [user = "", group, ...rest] = typeof text === "string" ? text.split(":") : [];
  const isRight = [user, group ?? "0"].every(isName) && rest.length === 0;
  if (isRight) return group === undefined ? { user } : { user, group };
  throw new TypeError(
    `cannot run as the user ${
      JSON.stringify(text)
    }: take NAME or UID, optionally followed by :GROUP or :GID`,
  );
}

/** Returns the number in `text`; undefined if it can only be a name. */
export function readId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : undefined;
}

function isName(text: string): boolean {
  return /^[^\s,\0]+$/.test(text) && (!/^\d+$/.test(text) || readId(text) !== undefined);
}
