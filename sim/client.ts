// A simulated client: sends random commands over its link, several at a time, waits for the replies,
// thinks, goes on; sometimes its connection is reset, and it comes back.

import { Awaited, isMessage } from "./awaited.ts";
import type { LinkProfile } from "./link.ts";
import { Stream } from "./link.ts";
import { readReply } from "./model/reply-reader.ts";
import type { Random } from "./random.ts";
import { ARRAY, BULK, ReplyScanner } from "./reply-scanner.ts";
import { RequestWriter } from "./request-writer.ts";
import type { SimulatedServer } from "./server.ts";
import { LAST_CURSOR, LAST_PAYLOAD } from "./workload/extras.ts";
import type { Workload } from "./workload/workload.ts";
import type { World } from "./world.ts";

export interface ClientPlan {
  readonly profile: LinkProfile;
  readonly pipelineMax: number;
  readonly thinkUsMax: number;
  /** Chance of a reset after a batch, in percent. */
  readonly resetPercent: number;
  readonly commandCount: number;
}

/** The version of RDB files, in front of a checksum of eight bytes and the end of the reply. */
function looksLikePayload({ bytes, start, end }: ReplyScanner): boolean {
  return end - start > 20 && bytes[end - 12] === 0x0c && bytes[end - 11] === 0;
}

export class SimulatedClient {
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #random: Random;
  readonly #workload: Workload;
  readonly #plan: ClientPlan;
  readonly #index: number;
  #connection = 0;
  #connections = 0;
  #toServer: Stream | null = null;
  #toClient: Stream | null = null;
  readonly #replies: ReplyScanner = new ReplyScanner();
  readonly #awaited: Awaited = new Awaited();
  readonly #requests: RequestWriter = new RequestWriter();
  #sent = 0;
  /** Called once, when all commands are sent and answered. */
  onDone: () => void = () => {};
  #finished = false;
  /** What SCAN and DUMP have answered last. */
  #cursor = "0";
  #payload = "";

  constructor(
    world: World,
    server: SimulatedServer,
    random: Random,
    workload: Workload,
    plan: ClientPlan,
    index: number,
  ) {
    this.#world = world;
    this.#server = server;
    this.#random = random;
    this.#workload = workload;
    this.#plan = plan;
    this.#index = index;
  }

  get connectionCount(): number {
    return this.#connections;
  }

  get commandCount(): number {
    return this.#sent;
  }

  start(): void {
    const stream = (this.#index * 1000 + this.#connections++) * 2;
    const { profile } = this.#plan;
    this.#replies.clear();
    this.#awaited.clear();
    const toClient = new Stream(this.#world, stream + 1, profile, (bytes, start, end) => {
      this.#onReply(bytes, start, end);
    });
    this.#toClient = toClient;
    this.#connection = this.#server.connect(
      {
        received: (bytes, start, end) => {
          toClient.send(bytes, start, end);
          return toClient.pendingBytes;
        },
        closed: () => toClient.after(() => this.#onClosed(toClient)),
      },
      {
        address: `10.0.0.${this.#index}:${1024 + this.#connections}`,
        localAddress: "10.0.1.1:6379",
        unixSocket: false,
        loopback: true,
        descriptor: this.#index + 8,
      },
    );
    const connection = this.#connection;
    this.#toServer = new Stream(this.#world, stream, profile, (bytes, start, end) => {
      this.#server.deliver(connection, bytes, start, end);
    });
    this.#sendBatch();
  }

  #sendBatch(): void {
    if (this.#toServer === null) return;
    if (this.#sent >= this.#plan.commandCount) {
      if (!this.#finished) this.onDone();
      this.#finished = true;
      return;
    }
    const count = 1 + this.#random.below(this.#plan.pipelineMax);
    const requests = this.#requests;
    requests.clear();
    for (let i = 0; i < count; i++) {
      const words = this.#filled(this.#workload.next());
      this.#awaited.sent(words);
      requests.add(words);
    }
    this.#sent += count;
    this.#toServer.send(requests.bytes, 0, requests.size);
    if (this.#random.chance(this.#plan.resetPercent)) {
      const { latencyUsMax } = this.#plan.profile;
      this.#world.planIn(this.#random.below(2 * latencyUsMax + 1), () => this.#reset());
    }
  }

  #onReply(bytes: Uint8Array, start: number, end: number): void {
    const replies = this.#replies;
    const wasIdle = this.#awaited.none;
    replies.add(bytes, start, end);
    while (replies.next()) {
      if (isMessage(replies)) continue;
      this.#awaited.received();
      this.#learn();
    }
    if (!wasIdle && this.#awaited.none) {
      this.#world.planIn(this.#random.below(this.#plan.thinkUsMax + 1), () => this.#sendBatch());
    }
  }

  /** Some words of the workload stand for something the client has received. */
  #filled(words: readonly string[]): readonly string[] {
    if (words.includes(LAST_CURSOR)) {
      return words.map((word) => (word === LAST_CURSOR ? this.#cursor : word));
    }
    if (!words.includes(LAST_PAYLOAD)) return words;
    return words.map((word) => (word === LAST_PAYLOAD ? this.#payload : word));
  }

  #learn(): void {
    const replies = this.#replies;
    if (replies.kind === BULK) {
      if (looksLikePayload(replies)) this.#payload = readReply(replies.text(), 0)!.value.text;
      return;
    }
    if (replies.kind !== ARRAY || replies.items !== 2) return;
    const [first, second] = readReply(replies.text(), 0)!.value.items;
    if (second.kind !== "array" || first.kind !== "bulk") return;
    if (/^[0-9]+$/.test(first.text)) this.#cursor = first.text;
  }

  #reset(): void {
    if (this.#toServer === null) return;
    this.#toServer.cut();
    this.#toClient?.cut();
    this.#toServer = null;
    this.#server.reset(this.#connection);
    this.#world.planIn(1000, () => this.start());
  }

  #onClosed(stream: Stream): void {
    // After a reset it is on its way back already.
    if (stream !== this.#toClient || this.#toServer === null) return;
    this.#toServer.cut();
    this.#toServer = null;
    this.#world.planIn(1000, () => this.start());
  }
}
