// Looks up the user to run a command as in the root's /etc/passwd, as Docker does for containers.

import { type Credentials, runAs } from "../libc/credentials.ts";
import { parseUser, readId } from "../machine/user_words.ts";
import { textOf } from "./lent_files.ts";

const PASSWD = "/etc/passwd";
const GROUP = "/etc/group";

/** A user, with the environment variables that name it. */
export interface User extends Credentials {
  readonly env: Readonly<Record<string, string>>;
}

/** A line of /etc/passwd (passwd(5)). */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/**
 * Finds a user by name, or by a number, which need not be in /etc/passwd. With an explicit group,
 * the user has no other; else the groups that list it.
 *
 * @param text `USER` or `USER:GROUP`
 * @throws {Error} if the root has no such name.
 */
export function findUser(text: string): User {
  const { user, group } = parseUser(text);
  const account = findAccount(user);
  const uid = account?.uid ?? readId(user);
  if (uid === undefined) throw unknown(text, PASSWD, user);
  const { name, home = "/" } = account ?? {};
  const names: Record<string, string> = name === undefined ? {} : { USER: name, LOGNAME: name };
  const env = { HOME: home, ...names };
  if (group !== undefined) return { uid, gid: findGroup(text, group), groups: [], env };
  return { uid, gid: account?.gid ?? 0, groups: groupsOf(name), env };
}

/**
 * Makes a user the owner of a file or folder; without one, it stays root's.
 *
 * @throws {Error} if it does not exist.
 */
export function give(path: string, user: User | undefined): void {
  if (user !== undefined) Deno.chownSync(path, user.uid, user.gid);
}

/** @throws {Error} if the path is not a folder, or the user may not enter it. */
export function requireFolder(path: string, user: User | undefined): void {
  let fact = "there is no such folder";
  try {
    if (!Deno.statSync(path).isDirectory) fact = "it is not a folder";
    else if (runAs(user, () => mayEnter(path))) return;
    else fact = "the user may not enter it";
  } catch {
    // it does not exist
  }
  throw new Error(`cannot run in ${JSON.stringify(path)}: ${fact}`);
}

function mayEnter(path: string): boolean {
  try {
    Deno.statSync(`${path}/.`);
    return true;
  } catch {
    return false;
  }
}

/** The root user, which exists whatever /etc/passwd has. */
const ROOT: Account = { name: "root", uid: 0, gid: 0, home: "/root" };

function findAccount(user: string): Account | undefined {
  const accounts = [...linesOf(PASSWD).flatMap(readAccount), ROOT];
  const uid = readId(user);
  return accounts.find(({ name }) => name === user) ??
    accounts.find((account) => account.uid === uid);
}

function readAccount(fields: readonly string[]): Account[] {
  const [name = "", , uid = "", gid = "", , home = ""] = fields;
  const ids = [readId(uid), readId(gid)];
  if (name === "" || ids[0] === undefined || ids[1] === undefined) return [];
  return [{ name, uid: ids[0], gid: ids[1], home: home === "" ? "/" : home }];
}

function findGroup(text: string, group: string): number {
  const lines = linesOf(GROUP);
  const line = lines.find(([name]) => name === group);
  const gid = line === undefined ? readId(group) : readId(line[2] ?? "");
  if (gid !== undefined) return gid;
  if (group === "root") return 0;
  throw unknown(text, GROUP, group);
}

function groupsOf(name: string | undefined): number[] {
  if (name === undefined) return [];
  return linesOf(GROUP).filter(([, , , members = ""]) => members.split(",").includes(name))
    .flatMap(([, , gid = ""]) => readId(gid) ?? []);
}

function linesOf(path: string): string[][] {
  return textOf(path).split("\n").map((line) => line.trim().split(":"));
}

function unknown(text: string, path: string, name: string): Error {
  return new Error(
    `cannot run as the user ${JSON.stringify(text)}: ${path} has no ${JSON.stringify(name)}`,
  );
}
