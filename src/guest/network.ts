// QEMU's user network, whose addresses are always the same: no need to ask for them.

import { setAddress, setGateway } from "../libc/network.ts";
import { bringUp } from "../libc/system.ts";

// QEMU, net/slirp.c: the defaults of -netdev user
const INTERFACE = "eth0";
const ADDRESS = "10.0.2.15";
const MASK = "255.255.255.0";
const GATEWAY = "10.0.2.2";
const NAME_SERVER = "10.0.2.3";

const RESOLVER = "/etc/resolv.conf";

/** Brings the network up. @throws {SystemError} if the interface is not there. */
export function bringUpNetwork(): void {
  setAddress(INTERFACE, ADDRESS, MASK);
  bringUp(INTERFACE);
  setGateway(GATEWAY);
}

/** Says where names are resolved, unless the root does. */
export function nameResolver(): void {
  if (textOf(RESOLVER).trim() !== "") return;
  // In many images it is a link to what only their own init makes.
  const path = targetOf(RESOLVER);
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, `nameserver ${NAME_SERVER}\n`);
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function targetOf(path: string): string {
  try {
    const target = Deno.readLinkSync(path);
    return new URL(target, `file://${path}`).pathname;
  } catch {
    return path;
  }
}
