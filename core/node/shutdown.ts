// Leaving: SHUTDOWN and the signals that ask for it.
//
// A signal only leaves a note; the next tick acts on it, so that a second SIGINT, or SHUTDOWN ABORT,
// can come between. SHUTDOWN acts at once. Either way the last snapshot may take its time: clients
// that asked for the end wait for it, and hear of it only when it fails.
import type { Command } from "../commands/table.ts";
import type { Args } from "../resp/args.ts";
import type { Client } from "./client.ts";
import type { Node } from "./node.ts";

export type ShutdownSignal = "SIGTERM" | "SIGINT";

export interface ShutdownOptions {
  /** Save although no save point is configured. */
  readonly save: boolean;
  /** Do not save although there are save points. */
  readonly noSave: boolean;
  /** Do not wait for replicas that lag behind. */
  readonly now: boolean;
  /** End even if saving fails. */
  readonly force: boolean;
}

/** Writes the last snapshot; calls back with whether that worked. */
export type FinalSave = (done: (saved: boolean) => void) => void;

const FAILED = "ERR Errors trying to SHUTDOWN. Check logs.";

export class Shutdown {
  readonly #node: Node;
  /** Set by persistence, where there is one. */
  finalSave: FinalSave | null = null;
  /** Wall time in ms when waiting for replicas ends; Infinity while nothing waits for them. */
  deadlineMs: number = Number.POSITIVE_INFINITY;
  #signal: ShutdownSignal | null = null;
  /** Counts attempts: a save that ends after its attempt was aborted must not end the process. */
  #attempt = 0;
  #inProgress = false;
  readonly #waiting: Set<Client> = new Set();

  constructor(node: Node) {
    this.#node = node;
  }

  onSignal(signal: ShutdownSignal): void {
    if (this.#signal !== null && signal === "SIGINT") {
      this.#node.log("warning", "You insist... exiting now.");
      this.#node.host.exit(1);
      return;
    }
    this.#node.log("warning", `Received ${signal} scheduling shutdown...`);
    this.#signal = signal;
  }

  tick(): void {
    if (this.#signal === null || this.#inProgress) return;
    const { shutdownOnSigint, shutdownOnSigterm } = this.#node.config.values;
    const words = (this.#signal === "SIGINT" ? shutdownOnSigint : shutdownOnSigterm).split(" ");
    this.begin({
      save: words.includes("save"),
      noSave: words.includes("nosave"),
      now: words.includes("now"),
      force: words.includes("force"),
    });
  }

  /** The client has called SHUTDOWN: it waits for the end, or for the news that there is none. */
  wait(client: Client, command: Command, args: Args): void {
    this.#node.blocking.block(client, command, args, [], Number.POSITIVE_INFINITY, null);
    this.#waiting.add(client);
  }

  /** Ends the process in order, unless that is under way already. */
  begin(options: ShutdownOptions): void {
    if (this.#inProgress) return;
    const node = this.#node;
    this.#inProgress = true;
    const attempt = ++this.#attempt;
    node.log("notice", "User requested shutdown...");
    const saves = options.save || (node.config.values.save.length > 0 && !options.noSave);
    if (!saves || this.finalSave === null) return this.#exit();
    node.log("notice", "Saving the final RDB snapshot before exiting.");
    this.finalSave((saved) => {
      if (attempt !== this.#attempt || !this.#inProgress) return;
      if (!saved && !options.force) {
        node.log("warning", "Error trying to save the DB, can't exit.");
        return this.#fail();
      }
      if (!saved) node.log("warning", "Error trying to save the DB. Exit anyway.");
      this.#exit();
    });
  }

  #exit(): void {
    this.#node.log("warning", "Seedis is now ready to exit, bye bye...");
    this.#node.host.exit(0);
  }

  #fail(): void {
    this.#node.log(
      "warning",
      "Errors trying to shut down the server. Check the logs for more information.",
    );
    this.#cancel();
  }

  /** SHUTDOWN ABORT. False when nothing was to be aborted. */
  abort(): boolean {
    if (!this.#inProgress && this.#signal === null) return false;
    this.#cancel();
    this.#node.log("notice", "Shutdown manually aborted.");
    return true;
  }

  #cancel(): void {
    this.#inProgress = false;
    this.#signal = null;
    for (const client of this.#waiting) this.#node.blocking.fail(client, FAILED);
    this.#waiting.clear();
  }
}
