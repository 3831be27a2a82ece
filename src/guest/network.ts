// Configures QEMU's user network, whose addresses are fixed: no DHCP is needed.

import { setAddress, setGateway } from "../libc/network.ts";
import { bringUp } from "../libc/system.ts";
import { lendFile, textOf } from "./lent_files.ts";

// QEMU, net/slirp.c: the defaults of -netdev user
const INTERFACE = "eth0";
/** The address of the guest. */
export const NETWORK_ADDRESS = "10.0.2.15";
const MASK = "255.255.255.0";
const GATEWAY = "10.0.2.2";
const NAME_SERVER = "10.0.2.3";

const RESOLVER = "/etc/resolv.conf";

/** Brings the network up. @throws {SystemError} if the interface does not exist. */
export function bringUpNetwork(): void {
  setAddress(INTERFACE, NETWORK_ADDRESS, MASK);
  bringUp(INTERFACE);
  setGateway(GATEWAY);
}

/** Configures the name server, unless the root does. */
export function nameResolver(): void {
  if (textOf(RESOLVER).trim() === "") lendFile(RESOLVER, `nameserver ${NAME_SERVER}\n`);
}
