// Who a command is to be run as, as a user says it: NAME or UID, with :GROUP or :GID behind it. Pure.

/** What was said, in its parts; a name may be a number too. */
export interface UserWords {
  readonly user: string;
  readonly group?: string;
}

/** The largest: the one above stands for none (chown(2)). */
const MAX_ID = 2 ** 32 - 2;

/** The parts. @throws {TypeError} if it is none. */
export function parseUser(text: string): UserWords {
  const [user = "", group, ...rest] = typeof text === "string" ? text.split(":") : [];
  const isRight = [user, group ?? "0"].every(isName) && rest.length === 0;
  if (isRight) return group === undefined ? { user } : { user, group };
  throw new TypeError(
    `Cannot run as the user ${
      JSON.stringify(text)
    }: take NAME or UID, with :GROUP or :GID behind it`,
  );
}

/** The number that it is; undefined if it can only be a name. */
export function readId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : undefined;
}

function isName(text: string): boolean {
  return /^[^\s,\0]+$/.test(text) && (!/^\d+$/.test(text) || readId(text) !== undefined);
}
