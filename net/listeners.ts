// The sockets the server listens on: a set of TCP addresses that CONFIG SET may replace at any time,
// and at most one unix socket.
//
// CONFIG SET must answer at once whether listening works, but `server.listen(port, host)` looks the
// host up first and reports errors in a later turn, even for a numeric address. So the handle is
// made with `net._createServerHandle`, which binds synchronously and is what `listen` itself calls
// (exported by Node since 0.x, still there in 24), and then given to the public `listen(handle)`.
import { once } from "node:events";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import net from "node:net";
import { dirname } from "node:path";
import { errnoText, errorText, thrownText } from "./strerror.ts";

interface ListeningHandle {
  listen(backlog: number): number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd: number | undefined,
  flags: number,
) => ListeningHandle | number;

const { _createServerHandle: createServerHandle } = net as unknown as {
  _createServerHandle: CreateServerHandle;
};

/** Flag of `_createServerHandle`: an IPv6 socket that leaves IPv4 to the others. */
const IPV6_ONLY = 1;
/** Size of the path in the kernel's structure, its final zero included. */
const UNIX_PATH_BYTES = 108;
/** The protocol is not there at all: such an address of several is left out, as in Redis. */
const PROTOCOL_ERRORS = [
  "Protocol not available",
  "Protocol not supported",
  "Socket type not supported",
  "Address family not supported by protocol",
];

/** Called with each new connection, not yet reading. */
export type AcceptHandler = (socket: net.Socket, unixSocket: boolean) => void;

export interface ListenersOptions {
  readonly accept: AcceptHandler;
  /** Warnings about addresses that could not be listened on, and failed accepts. */
  readonly warn: (message: string) => void;
}

export class Listeners {
  readonly #options: ListenersOptions;
  /** By "host:port", the host as configured. */
  readonly #tcp = new Map<string, net.Server>();
  #unix: net.Server | null = null;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** Number of sockets that are being listened on. */
  get count(): number {
    return this.#tcp.size + (this.#unix === null ? 0 : 1);
  }

  /** The real port of the first TCP listener, which matters after listening on port 0; 0 if none. */
  get port(): number {
    for (const server of this.#tcp.values()) return (server.address() as net.AddressInfo).port;
    return 0;
  }

  /**
   * Listens on `port` of exactly these addresses ("127.0.0.1", "::1", "*", "::*", with "-" in front
   * when the address may be missing). Listeners that stay are not touched; nothing changes when one
   * of the others fails. False then, after a warning in the log. Port 0 means a free one, and goes
   * with one address only.
   */
  listenTcp(addresses: readonly string[], port: number, backlog: number): boolean {
    const wanted = new Set(addresses.map((address) => `${withoutDash(address)}:${port}`));
    // The old ones are closed first, because "*" and one address of the machine exclude each other.
    const closed = [...this.#tcp.keys()].filter((name) => !wanted.has(name));
    for (const name of closed) this.#closeTcp(name);
    const opened: string[] = [];
    for (const address of addresses) {
      const host = withoutDash(address);
      const name = `${host}:${port}`;
      if (this.#tcp.has(name)) continue;
      const error = this.#openTcp(host, port, backlog);
      if (error === null) {
        opened.push(name);
        continue;
      }
      this.#options.warn(
        `Warning: Could not create server TCP listening socket ${name}: ${error.text}`,
      );
      if (address !== host && error.text === "bind: Cannot assign requested address") continue;
      if (PROTOCOL_ERRORS.some((text) => error.text.endsWith(text))) continue;
      for (const other of opened) this.#closeTcp(other);
      for (const other of closed) {
        const colon = other.lastIndexOf(":");
        this.#openTcp(other.slice(0, colon), Number(other.slice(colon + 1)), backlog);
      }
      return false;
    }
    return true;
  }

  #openTcp(host: string, port: number, backlog: number): ListenError | null {
    const family = host.includes(":") ? 6 : 4;
    const address = numericAddress(host, family);
    if (address === null) return { text: "Name or service not known" };
    const flags = family === 6 ? IPV6_ONLY : 0;
    const server = this.#open(createServerHandle(address, port, family, undefined, flags), backlog);
    if (!(server instanceof net.Server)) return server;
    // Port 0 has become a real one.
    this.#tcp.set(`${host}:${(server.address() as net.AddressInfo).port}`, server);
    return null;
  }

  #closeTcp(name: string): void {
    this.#tcp.get(name)?.close();
    this.#tcp.delete(name);
  }

  /**
   * Listens on a unix socket, replacing a file of that name. `mode` (such as 0o700) are its
   * permissions; 0 leaves them to the umask. Answers with the reason when it does not work.
   */
  async listenUnix(path: string, mode: number, backlog: number): Promise<string | null> {
    if (Buffer.byteLength(path, "latin1") >= UNIX_PATH_BYTES) {
      return `unix socket path too long (${path.length}), must be under ${UNIX_PATH_BYTES}`;
    }
    tryUnlink(path);
    const server = this.#createServer(true);
    // The umask rather than a chmod afterwards: the socket never exists with wider permissions.
    // `listen` binds before it returns; only its answer comes later.
    const umask = mode === 0 ? undefined : process.umask(0o777 & ~mode);
    server.listen({ path, backlog });
    if (umask !== undefined) process.umask(umask);
    try {
      await once(server, "listening");
    } catch (error) {
      // libuv says "access denied" when the folder is missing.
      return `bind: ${existsSync(dirname(path)) ? thrownText(error) : errorText("ENOENT")}`;
    }
    this.#unix = server;
    return null;
  }

  /** Starts a server on a bound handle, or says why not. */
  #open(handle: ListeningHandle | number, backlog: number): net.Server | ListenError {
    if (typeof handle === "number") return { text: `bind: ${errnoText(handle)}` };
    // The first `listen` is for its answer, which `server.listen` would only give in a later turn.
    // An address in use comes to light here (libuv puts that error off), but `bind` found it.
    const errno = handle.listen(backlog);
    if (errno !== 0) {
      handle.close();
      const text = errnoText(errno);
      return { text: text === errorText("EADDRINUSE") ? `bind: ${text}` : `listen: ${text}` };
    }
    const server = this.#createServer(false);
    server.listen(handle, backlog);
    return server;
  }

  #createServer(unixSocket: boolean): net.Server {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    server.on("connection", (socket) => this.#options.accept(socket, unixSocket));
    server.on("error", (error) => {
      if (server.listening) {
        this.#options.warn(`Accepting client connection: accept: ${thrownText(error)}`);
      }
    });
    return server;
  }

  /** Stops listening. The connections that were accepted live on. */
  close(): void {
    for (const name of [...this.#tcp.keys()]) this.#closeTcp(name);
    this.#unix?.close();
    this.#unix = null;
  }
}

interface ListenError {
  readonly text: string;
}

function withoutDash(address: string): string {
  return address.startsWith("-") ? address.slice(1) : address;
}

/** The numeric form of a configured address; null when it is a name that is not known. */
function numericAddress(host: string, family: 4 | 6): string | null {
  if (family === 6) return host === "::*" ? "::" : host;
  if (host === "*") return "0.0.0.0";
  if (net.isIPv4(host)) return host;
  // Names can only be asked for asynchronously in Node. The machine's own names, which are all that
  // makes sense here, are in its hosts file.
  for (const line of readHosts().split("\n")) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (net.isIPv4(address) && names.includes(host)) return address;
  }
  return null;
}

function readHosts(): string {
  try {
    return readFileSync("/etc/hosts", "latin1");
  } catch {
    return "";
  }
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Mostly there is no such file. Anything else comes to light when the socket is bound.
  }
}
