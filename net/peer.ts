// Who is at the other end of a connection, in the form that CLIENT LIST shows.
import type net from "node:net";
import type { PeerInfo } from "../core/node/host.ts";

/** Facts of an accepted socket; `unixPath` is that of the unix socket it came through, or null. */
export function peerInfo(socket: net.Socket, unixPath: string | null): PeerInfo {
  // The number of the file is shown to operators only; it is -1 where Node does not tell.
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: number } };
  const descriptor = handle?.fd ?? -1;
  if (unixPath !== null) {
    const address = `${unixPath}:0`;
    return { address, localAddress: address, unixSocket: true, loopback: true, descriptor };
  }
  const ip = socket.remoteAddress ?? "?";
  return {
    address: formatAddress(ip, socket.remotePort ?? 0),
    localAddress: formatAddress(socket.localAddress ?? "?", socket.localPort ?? 0),
    unixSocket: false,
    loopback: ip.startsWith("127.") || ip === "::1",
    descriptor,
  };
}

/** "127.0.0.1:6379" or "[::1]:6379". */
export function formatAddress(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
