// Makes `localhost` and the machine's own name resolve, whatever the root configures.

import { NETWORK_ADDRESS } from "./network.ts";
import { lendFile, textOf, writeLent } from "./lent_files.ts";
import { completeHosts, type HostsEntry } from "./hosts_text.ts";

const HOSTS = "/etc/hosts";
const SWITCH = "/etc/nsswitch.conf";

/**
 * Without it glibc asks name servers for `localhost` first and accepts a negative answer
 * (nss_database.c).
 */
const FILES_FIRST = "hosts: files dns\n";

/** As in Debian, so that 127.0.0.1 resolves to localhost alone. */
const OWN_ADDRESS = "127.0.1.1";

/** The root's own /etc/hosts, and the address of this machine. */
let lent: { readonly text: string; readonly address: string } | undefined;

/** Whether a root has been given an /etc/hosts. */
export function hasLentHosts(): boolean {
  return lent !== undefined;
}

/** Gives the current root an /etc/hosts that keeps the root's own lines. */
export function lendHosts(network: "none" | "user"): void {
  lent = { text: textOf(HOSTS), address: network === "user" ? NETWORK_ADDRESS : OWN_ADDRESS };
  lendFile(HOSTS, hosts(lent));
  if (textOf(SWITCH).trim() === "") lendFile(SWITCH, FILES_FIRST);
}

/** Updates /etc/hosts after the hostname has changed. */
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
