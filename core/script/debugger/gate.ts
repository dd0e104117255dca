// Where clients' bytes go while a script is debugged on the node's own data: the debugged client's to its
// session; all others wait until the session has ended, as Redis reads nobody else in the meantime.
import type { Client } from "../../node/client.ts";
import type { Node } from "../../node/node.ts";
import { latin1 } from "../../util/bytes.ts";
import type { DebugSession } from "./session.ts";

/** A client that waits. */
interface Held {
  readonly pieces: Uint8Array[];
  hasEnded: boolean;
}

export class DebugGate {
  readonly #node: Node;
  session: DebugSession;
  /** In the order in which they came. */
  readonly #held: Map<Client, Held> = new Map();

  constructor(node: Node, session: DebugSession) {
    this.#node = node;
    this.session = session;
  }

  receive(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (client === this.session.client) this.session.receive(latin1(bytes, start, end));
    else this.#heldOf(client).pieces.push(bytes.slice(start, end));
  }

  /** A client will send no more. True: that is seen to later. */
  end(client: Client): boolean {
    if (client === this.session.client) this.session.endInput();
    else this.#heldOf(client).hasEnded = true;
    return true;
  }

  #heldOf(client: Client): Held {
    let held = this.#held.get(client);
    if (held === undefined) {
      held = { pieces: [], hasEnded: false };
      this.#held.set(client, held);
      // What it sends more is the kernel's to keep.
      this.#node.host.pauseReading(client.connection, true);
    }
    return held;
  }

  /** The session has ended: everybody goes on, unless one of them begins another one. */
  open(): void {
    const node = this.#node;
    for (const [client, { pieces, hasEnded }] of this.#held) {
      node.host.pauseReading(client.connection, false);
      for (const piece of pieces) node.takeHeld(client, piece);
      if (hasEnded && node.debugging?.end(client) !== true) node.clients.close(client, true);
    }
  }
}
