// What a node does on its own accord, which no reply tells: keys and fields that it removes because
// their time is over or memory is short, and how its clock moves on while it works. The model cannot
// foresee the moment of these, so it is told of each, and judges whether it was right.
//
// A position says between which commands something happened: it counts the commands that were
// admitted, those that a transaction runs, and the ends of events.
import { EVICTION_DONE } from "../core/keyspace/eviction.ts";
import { SEGMENT_SHIFT } from "../core/memory/arena.ts";
import { keyLength, keyOffset } from "../core/memory/entry.ts";
import type { Node } from "../core/node/node.ts";
import { textOf } from "./text.ts";

export interface Fact {
  readonly position: number;
  /** `fields`: the removing of fields of one hash is done. `full`: room was made, and there is none. */
  readonly kind: "expired" | "evicted" | "full" | "field" | "fields" | "time";
  readonly db: number;
  readonly key: string;
  /** Of a hash; empty for the other kinds. */
  readonly field: string;
  /** The node's wall time. */
  readonly nowMs: number;
}

const EVICTED = 0x200;

export class Trace {
  readonly #node: Node;
  #position = 0;
  readonly #facts: Fact[] = [];
  #turns: number[] = [];
  /** The last of them, 0 for none. */
  #lastTurn = 0;

  constructor(node: Node) {
    this.#node = node;
    this.#countPositions();
    this.#hearRemovals();
    this.#hearFields();
    this.#watchMemory();
  }

  #noteTurn(id: number): void {
    if (id === this.#lastTurn) return;
    this.#lastTurn = id;
    this.#turns.push(id);
  }

  /** Ids of the clients whose commands were admitted since the last call, in order, each once in a row. */
  takeTurns(): readonly number[] {
    const turns = this.#turns;
    if (turns.length > 0) this.#turns = [];
    this.#lastTurn = 0;
    return turns;
  }

  /** All that happened since the last call. */
  take(): readonly Fact[] {
    return this.#facts.length === 0 ? this.#facts : this.#facts.splice(0);
  }

  #countPositions(): void {
    const { dispatcher, blocking } = this.#node;
    const admit = dispatcher.admit.bind(dispatcher);
    dispatcher.admit = (client, command, args) => {
      this.#position++;
      this.#noteTurn(client.id);
      return admit(client, command, args);
    };
    const runPlain = dispatcher.runPlain.bind(dispatcher);
    dispatcher.runPlain = (client, command, args) => {
      this.#position++;
      this.#noteTurn(client.id);
      runPlain(client, command, args);
    };
    const call = dispatcher.call.bind(dispatcher);
    dispatcher.call = (client, command, args, reply) => {
      if (dispatcher.depth > 0) this.#position++;
      call(client, command, args, reply);
    };
    const settle = blocking.settle.bind(blocking);
    blocking.settle = () => {
      this.#position++;
      settle();
    };
    const catchUp = this.#node.catchUp.bind(this.#node);
    this.#node.catchUp = () => {
      const before = this.#node.wallMs;
      catchUp();
      if (this.#node.wallMs !== before) this.#add("time", 0, "", "");
    };
  }

  #hearRemovals(): void {
    const node = this.#node;
    const keyExpired = node.keyExpired.bind(node);
    node.keyExpired = (db, bytes, offset, length) => {
      this.#add("expired", db, textOf(bytes, offset, offset + length), "");
      keyExpired(db, bytes, offset, length);
    };
    const keyEvent = node.keyEvent.bind(node);
    node.keyEvent = (eventClass, event, db, bytes, offset, length) => {
      if (eventClass === EVICTED) {
        this.#add("evicted", db, textOf(bytes, offset, offset + length), "");
      } else if (event === "hexpired") {
        this.#add("fields", db, textOf(bytes, offset, offset + length), "");
      }
      keyEvent(eventClass, event, db, bytes, offset, length);
    };
  }

  #watchMemory(): void {
    const node = this.#node;
    const { eviction } = node;
    const makeRoom = eviction.makeRoom.bind(eviction);
    eviction.makeRoom = () => {
      const result = makeRoom();
      const isOver = node.usedMemory() > node.config.values.maxmemory;
      if (result === EVICTION_DONE && isOver) this.#add("full", 0, "", "");
      return result;
    };
  }

  #hearFields(): void {
    const { fieldExpiry, keyspace } = this.#node;
    const { arena } = keyspace;
    const propagateRemoval = fieldExpiry.propagateRemoval.bind(fieldExpiry);
    fieldExpiry.propagateRemoval = (hash, field) => {
      const start = keyOffset(arena, hash.entry);
      const bytes = arena.u8[hash.entry >>> SEGMENT_SHIFT];
      const key = textOf(bytes, start, start + keyLength(arena, hash.entry));
      this.#add("field", hash.db!.index, key, field.text());
      propagateRemoval(hash, field);
    };
  }

  #add(kind: Fact["kind"], db: number, key: string, field: string): void {
    this.#facts.push({
      position: this.#position,
      kind,
      db,
      key,
      field,
      nowMs: this.#node.wallMs,
    });
  }
}
