// That `localhost` and the machine's own name stand for addresses, whatever its root says of names.

import { NETWORK_ADDRESS } from "./network.ts";
import { lendFile, textOf, writeLent } from "./lent_files.ts";
import { completeHosts, type HostsEntry } from "./hosts_text.ts";

const HOSTS = "/etc/hosts";
const SWITCH = "/etc/nsswitch.conf";

/** Without it glibc asks name servers for `localhost`, and takes their no for an answer (nss_database.c). */
const FILES_FIRST = "hosts: files dns\n";

/** As Debian has it, so that 127.0.0.1 is called localhost. */
const OWN_ADDRESS = "127.0.1.1";

/** What the root says, and the address of this machine. */
let lent: { readonly text: string; readonly address: string } | undefined;

/** Whether names have been lent to some root. */
export function hasLentHosts(): boolean {
  return lent !== undefined;
}

/** Lends the root that there is now its /etc/hosts, with the lines of its own. */
export function lendHosts(network: "none" | "user"): void {
  lent = { text: textOf(HOSTS), address: network === "user" ? NETWORK_ADDRESS : OWN_ADDRESS };
  lendFile(HOSTS, hosts(lent));
  if (textOf(SWITCH).trim() === "") lendFile(SWITCH, FILES_FIRST);
}

/** Has the name of this machine, which is another one now, be known. */
export function nameSelf(): void {
  if (lent !== undefined) writeLent(HOSTS, hosts(lent));
}

function hosts({ text, address }: { readonly text: string; readonly address: string }): string {
  const entries: HostsEntry[] = [{ address: "127.0.0.1", name: "localhost" }];
  if (hasIpv6()) entries.push({ address: "::1", name: "localhost" });
  const name = textOf("/proc/sys/kernel/hostname").trim();
  if (/^[\w.-]+$/.test(name)) entries.push({ address, name });
  return completeHosts(text, entries);
}

function hasIpv6(): boolean {
  return textOf("/proc/net/if_inet6") !== "";
}
