// Leaving: SHUTDOWN and signals.
import type { Node } from "./node.ts";

export class Shutdown {
  readonly #node: Node;
  /** A signal asked for it; carried out at the next tick, as in Redis. */
  #requested = false;

  constructor(node: Node) {
    this.#node = node;
  }

  onSignal(signal: "SIGTERM" | "SIGINT"): void {
    this.#node.log("warning", `Received ${signal} scheduling shutdown...`);
    this.#requested = true;
  }

  tick(): void {
    if (this.#requested) this.now();
  }

  /** Ends the process in order. */
  now(): void {
    const { node } = { node: this.#node };
    node.log("notice", "User requested shutdown...");
    node.log("warning", "Seedis is now ready to exit, bye bye...");
    node.host.exit(0);
  }
}
