// The model's view of one connection.
import type { Wait } from "./blocking.ts";
import type { Prediction } from "./model.ts";
import { RequestReader } from "./request-reader.ts";
import type { TrackingState } from "./tracking.ts";

/** A key that WATCH remembers. */
export interface Watched {
  readonly db: number;
  readonly key: string;
  /** Number of changes that the key had seen. */
  changes: number;
  /** Its time was over already: that it is removed then is no change. */
  expired: boolean;
}

export class Session {
  readonly id: number;
  /** As CLIENT ID tells it. */
  readonly clientId: number;
  readonly reader: RequestReader = new RequestReader();
  db = 0;
  resp = 2;
  queue: string[][] | null = null;
  queueBroken = false;
  watched: Watched[] = [];
  name = "";
  expected: { readonly words: readonly string[]; prediction: Prediction }[] = [];
  /** Answered bytes that are not judged yet. */
  output = "";
  /** Nothing that it sends from now on counts. */
  closing = false;
  /** The node has closed the connection. */
  closed = false;
  /** Its command waits for keys or for memory to be freed, or null. */
  wait: Wait | null = null;
  /** Messages to itself that wait for the end of its command. */
  held: string[] = [];
  readonly channels: Set<string> = new Set();
  readonly patterns: Set<string> = new Set();
  readonly shardChannels: Set<string> = new Set();
  /** The id of the client that gets what it is told, 0 for itself. */
  redirect = 0;
  /** How it is told of changes, or null. */
  tracking: TrackingState | null = null;
  /** CLIENT CACHING was said for the command to come. */
  caching = false;

  constructor(id: number, clientId: number) {
    this.id = id;
    this.clientId = clientId;
  }

  get listens(): boolean {
    return this.subscriptions + this.shardChannels.size > 0;
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }
}
