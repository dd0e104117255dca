// SCRIPT DEBUG YES: a script is debugged on a copy of the data, while everybody else goes on.
//
// Where Redis forks, a second node is made, with the same configuration and a copy of all keys. It has
// one client, the one that debugs, whose connection it takes over; when the session has ended the node is
// dropped with all that the script has changed. It has no other events and no background work.
import type { Client } from "../../node/client.ts";
import { NO_EVICT, NO_TOUCH, REPLY_OFF } from "../../node/client.ts";
import type { ConnectionId, Host } from "../../node/host.ts";
import type { Node } from "../../node/node.ts";
import { loadDataset, saveDataset } from "../../persistence/dataset.ts";
import { savedUse } from "../../persistence/rdb-key.ts";
import type { Args } from "../../resp/args.ts";
import type { Reply } from "../../resp/reply.ts";
import { toBytes } from "../../util/bytes.ts";

const SEED_BYTES = 32;
/** What the connection has been told stays in force. */
const KEPT_FLAGS = NO_EVICT | NO_TOUCH | REPLY_OFF;

export class Forks {
  readonly #node: Node;
  readonly #children: Map<ConnectionId, Node> = new Map();

  readonly #make: (host: Host, seed: Uint8Array) => Node;

  /** `make` makes a node with the same configuration. */
  constructor(node: Node, make: (host: Host, seed: Uint8Array) => Node) {
    this.#node = node;
    this.#make = make;
  }

  get count(): number {
    return this.#children.size;
  }

  /** Gives the client to a node of its own, which executes the command that it has sent. */
  fork(client: Client, args: Args, reply: Reply): void {
    const node = this.#node;
    const { connection } = client;
    const seed = toBytes(node.randomHex(SEED_BYTES / 2));
    const child = this.#make(this.#hostFor(connection), seed);
    child.setTime(node.wallMs, node.monotonicUs);
    this.#copyData(child);
    child.clients.connect(connection, { ...client.peer, loopback: true });
    this.#children.set(connection, child);
    copyClient(client, child.clients.byConnection(connection)!);
    // What it was answered before is the copy's to send, as with the buffers that a fork copies.
    child.scripting.debugger.becomeFork(reply.bytes.slice(0, reply.size));
    node.clients.forget(client);
    const command = encoded(args);
    child.onReceived(connection, command, 0, command.length);
  }

  #copyData(child: Node): void {
    const { keyspace, strings, databases, config } = this.#node;
    const use = savedUse(config.values.maxmemoryPolicy) === "frequency" ? "frequency" : "idle";
    const bytes = saveDataset(keyspace, strings, databases, use);
    const error = loadDataset(child.keyspace, child.strings, child.databases, bytes, false);
    if (error !== "") throw new Error(`a copy of the data cannot be read: ${error}`);
    child.keyspace.dirty = 0;
  }

  /** The world as the copy sees it: one connection, a clock, the log. */
  #hostFor(connection: ConnectionId): Host {
    const { host } = this.#node;
    return {
      send: (id, bytes, start, end) => host.send(id, bytes, start, end),
      close: (id, flush) => {
        this.#children.delete(connection);
        host.close(id, flush);
      },
      pauseReading: (id, paused) => host.pauseReading(id, paused),
      log: (level, message) => host.log(level, message),
      readFile: () => {},
      writeFile: () => {},
      configChanged: () => null,
      exit: () => {},
      monotonicUs: () => host.monotonicUs(),
      sleep: (microseconds) => host.sleep(microseconds),
      heapIsShort: (wantedBytes) => host.heapIsShort(wantedBytes),
      processFacts: () => host.processFacts(),
    };
  }

  #child(id: ConnectionId): Node | undefined {
    const child = this.#children.get(id);
    child?.setTime(this.#node.wallMs, this.#node.monotonicUs);
    return child;
  }

  // -- events of connections that copies have -------------------------------------------------------

  onReceived(id: ConnectionId, bytes: Uint8Array, start: number, end: number): void {
    this.#child(id)?.onReceived(id, bytes, start, end);
  }

  onEnded(id: ConnectionId): void {
    this.#child(id)?.onEnded(id);
  }

  /** Nobody looks at what the script does any more. */
  onClosed(id: ConnectionId): void {
    this.#children.delete(id);
  }

  onSent(id: ConnectionId, count: number): void {
    this.#child(id)?.onSent(id, count);
  }

  /** Lets the scripts go on for up to so many steps. Answers with whether there is more to do. */
  run(steps: number): boolean {
    let more = false;
    for (const id of this.#children.keys()) {
      if (this.#child(id)!.runJobs(steps) && this.#children.has(id)) more = true;
    }
    return more;
  }
}

function copyClient(from: Client, to: Client): void {
  to.db = from.db;
  to.resp = from.resp;
  to.user = from.user;
  to.authenticated = from.authenticated;
  to.name = from.name;
  to.libName = from.libName;
  to.libVersion = from.libVersion;
  to.unsentBytes = from.unsentBytes;
  to.debugging = from.debugging;
  to.set(from.flags & KEPT_FLAGS);
}

/** A command in RESP. */
function encoded(args: Args): Uint8Array {
  let text = `*${args.count}\r\n`;
  for (let i = 0; i < args.count; i++) text += `$${args.length[i]}\r\n${args.latin1(i)}\r\n`;
  return toBytes(text);
}
