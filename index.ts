// The library: a server inside the caller's process, for tests and tools. It listens on a real port
// and behaves like the program, except that it leaves the process alone: no signals, no title, and
// nothing is logged or saved unless asked for.
import { Config } from "./core/config/config.ts";
import type { LogLevel } from "./core/node/host.ts";
import { Node } from "./core/node/node.ts";
import { NodeHost } from "./server/node-host.ts";

export type { ConnectionId, Host, LogLevel, PeerInfo, ProcessFacts } from "./core/node/host.ts";
export { Config, Node };

const SEED_BYTES = 32;

export interface ServerOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on, "127.0.0.1" unless given. */
  readonly host?: string;
  /** Directives by their names in redis.conf; a list where one takes several arguments. */
  readonly config?: Readonly<Record<string, string | readonly string[]>>;
  /** At least 32 bytes for everything that is random in the node; fresh ones unless given. */
  readonly seed?: Uint8Array;
  /** Called with every line of the log. */
  readonly log?: (level: LogLevel, message: string) => void;
}

export interface Server {
  readonly host: string;
  readonly port: number;
  /** Resolves when the server has ended: by `close`, or by the command SHUTDOWN. */
  readonly closed: Promise<void>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a server. Rejects when a directive is refused or it cannot listen. */
export async function createServer(options: ServerOptions = {}): Promise<Server> {
  const config = configOf(options);
  let warning = "";
  let onEnd = (): void => {};
  const closed = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const host = new NodeHost({
    config,
    log: (level, message) => {
      if (level === "warning") warning = message;
      options.log?.(level, message);
    },
    exit: () => onEnd(),
    executable: process.argv[1] ?? "",
  });
  const seed = options.seed ?? globalThis.crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  host.drive(new Node(host, config, seed));
  const { port = 0 } = options;
  const failure = await (port === 0 ? host.listenOnFreePort() : host.listen());
  if (failure !== null) {
    host.stop();
    throw new Error(warning || failure);
  }
  return {
    host: config.values.bind[0],
    port: config.values.port,
    closed,
    close: () => {
      host.stop();
      return closed;
    },
  };
}

function configOf({ port = 0, host = "127.0.0.1", config: given = {} }: ServerOptions): Config {
  const config = new Config({ directory: process.cwd() });
  const directives = { save: "", ...given, port: String(port), bind: [host] };
  for (const [name, value] of Object.entries(directives)) {
    const refusal = config.assign(name, typeof value === "string" ? [value] : value);
    if (refusal !== null) throw new Error(`${name}: ${refusal}`);
  }
  return config;
}
