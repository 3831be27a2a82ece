// Configures a network interface: its address and the default route (netdevice(7)).

import { checked, Fd } from "./fd.ts";
import { libc } from "./libc.ts";

// socket.h, linux/sockios.h, linux/route.h
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCADDRT = 0x890bn;
const SIOCSIFADDR = 0x8916n;
const SIOCSIFNETMASK = 0x891cn;
const RTF_UP = 1;
const RTF_GATEWAY = 2;

// struct ifreq: the name, then a struct sockaddr_in
const IFREQ_BYTES = 40;
const IFREQ_ADDRESS = 16;
// struct rtentry, LP64
const RTENTRY_BYTES = 120;
const RTENTRY_DESTINATION = 8;
const RTENTRY_GATEWAY = 24;
const RTENTRY_MASK = 40;
const RTENTRY_FLAGS = 56;

/**
 * Gives an interface its IPv4 address.
 *
 * @param name of the interface, such as `eth0` @param address and @param mask in dotted decimal
 * @throws {SystemError} if there is no such interface.
 */
export function setAddress(name: string, address: string, mask: string): void {
  using socket = openSocket();
  for (const [call, value] of [[SIOCSIFADDR, address], [SIOCSIFNETMASK, mask]] as const) {
    const request = new Uint8Array(IFREQ_BYTES);
    request.set(new TextEncoder().encode(name));
    request.set(socketAddress(value), IFREQ_ADDRESS);
    checked(libc().ioctl(socket.number, call, request), `give ${name} the address ${value}`);
  }
}

/** Sets the default route. @throws {SystemError} if the gateway is on no attached network. */
export function setGateway(address: string): void {
  using socket = openSocket();
  const route = new Uint8Array(RTENTRY_BYTES);
  route.set(socketAddress("0.0.0.0"), RTENTRY_DESTINATION);
  route.set(socketAddress(address), RTENTRY_GATEWAY);
  route.set(socketAddress("0.0.0.0"), RTENTRY_MASK);
  new DataView(route.buffer).setUint16(RTENTRY_FLAGS, RTF_UP | RTF_GATEWAY, true);
  checked(libc().ioctl(socket.number, SIOCADDRT, route), `set the gateway ${address}`);
}

function openSocket(): Fd {
  return Fd.own(checked(libc().socket(AF_INET, SOCK_DGRAM, 0), "open a socket"));
}

/** struct sockaddr_in: family, port, address. */
function socketAddress(address: string): Uint8Array {
  return Uint8Array.of(AF_INET, 0, 0, 0, ...address.split(".").map(Number));
}
