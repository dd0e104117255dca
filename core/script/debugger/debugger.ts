// SCRIPT DEBUG: begins the debugging of scripts.
import { CLOSE_AFTER_REPLY, type Client } from "../../node/client.ts";
import type { Context } from "../../node/context.ts";
import type { Node } from "../../node/node.ts";
import type { Args } from "../../resp/args.ts";
import type { Reply } from "../../resp/reply.ts";
import { DebugGate } from "./gate.ts";
import { DebugSession } from "./session.ts";

const STARTED = "Seedis synchronous debugging eval session started";
const ENDED = "Seedis synchronous debugging eval session ended";
const FORKED = "Seedis forked for debugging eval";
const EXITING = "Lua debugging session child exiting";
const NO_MEMORY = "ERR Fork() failed: can't run EVAL in debugging mode: Cannot allocate memory";

export class Debugger {
  readonly #node: Node;
  /** The session that begins. */
  #beginning: DebugSession | null = null;

  /** This node is a copy for one session, which has to send these bytes before any reply. */
  #inherited: Uint8Array | null = null;

  constructor(node: Node) {
    this.#node = node;
  }

  /** EVAL by a client that wants its scripts debugged; `run` executes it. */
  debug({ client }: Context, args: Args, reply: Reply, run: () => void): void {
    const node = this.#node;
    const inherited = this.#inherited;
    if (inherited === null && !client.debugging!.isSync) return this.#fork(client, args, reply);
    node.log("notice", inherited === null ? STARTED : FORKED);
    if (inherited !== null) reply.rawBytes(inherited, 0, inherited.length);
    const session = new DebugSession(node, client, client.debugging!, args.latin1(1));
    this.#beginning = session;
    run();
    this.#beginning = null;
    if (node.scripting.suspended?.session !== session) {
      // It could not even begin.
      session.end();
      return;
    }
    session.hold(reply);
    if (node.debugging === null) node.debugging = new DebugGate(node, session);
    else node.debugging.session = session;
  }

  #fork(client: Client, args: Args, reply: Reply): void {
    const node = this.#node;
    if (node.host.heapIsShort(node.keyspace.arena.usedBytes)) {
      client.debugging = null;
      return reply.error(NO_MEMORY);
    }
    node.forks.fork(client, args, reply);
  }

  /** The node is a copy of another one, in which a client has been answered `pending` so far. */
  becomeFork(pending: Uint8Array): void {
    this.#inherited = pending;
  }

  /** The session that a script of the client's begins in, or null. */
  sessionOf(client: Client): DebugSession | null {
    const session = this.#beginning;
    return session !== null && session.client === client ? session : null;
  }

  /** A session is over; its client is sent the reply to EVAL and no more. */
  ended(session: DebugSession): void {
    session.client.set(CLOSE_AFTER_REPLY);
    this.#node.log("notice", this.#inherited === null ? ENDED : EXITING);
  }
}
