// What a node does on its own accord, which no reply tells: keys and fields that it removes because
// their time is over or memory is short, how its clock moves on while it works, and whether it frees
// memory at once or later. The model cannot foresee the moment of these, so it is told of each, and
// judges whether it was right.
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
  /**
   * `fields`: the removing of fields of one hash is done. `full`: room was made, and there is none.
   * `waits`: the command in work will be answered when memory is free. `freed`: it is; `freedFirst`:
   * it became so to make room for the command in work.
   */
  readonly kind:
    | "expired"
    | "evicted"
    | "full"
    | "field"
    | "fields"
    | "time"
    | "waits"
    | "freed"
    | "freedFirst";
  readonly db: number;
  readonly key: string;
  /** Of a hash; empty for the other kinds. */
  readonly field: string;
  /** Of `waits`, `freed` and `freedFirst`: which wait, counted from 1. */
  readonly wait: number;
  /** The node's wall time. */
  readonly nowMs: number;
}

const EVICTED = 0x200;

export class Trace {
  readonly #node: Node;
  #position = 0;
  #waits = 0;
  #makesRoom = false;
  readonly #facts: Fact[] = [];

  constructor(node: Node) {
    this.#node = node;
    this.#countPositions();
    this.#hearRemovals();
    this.#hearFields();
    this.#watchMemory();
    this.#watchFreeing();
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
      return admit(client, command, args);
    };
    const runPlain = dispatcher.runPlain.bind(dispatcher);
    dispatcher.runPlain = (client, command, args) => {
      this.#position++;
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
      this.#makesRoom = true;
      const result = makeRoom();
      this.#makesRoom = false;
      const isOver = node.usedMemory() > node.config.values.maxmemory;
      if (result === EVICTION_DONE && isOver) this.#add("full", 0, "", "");
      return result;
    };
  }

  /** Who waits for memory to be freed is served by a job, or by whoever frees memory himself. */
  #watchFreeing(): void {
    const { lazyFree } = this.#node.keyspace;
    const whenDone = lazyFree.whenDone.bind(lazyFree);
    lazyFree.whenDone = (onDone) => {
      const wait = ++this.#waits;
      this.#add("waits", 0, "", "", wait);
      whenDone(() => {
        this.#add(this.#makesRoom ? "freedFirst" : "freed", 0, "", "", wait);
        onDone();
      });
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

  #add(kind: Fact["kind"], db: number, key: string, field: string, wait = 0): void {
    this.#facts.push({
      position: this.#position,
      kind,
      db,
      key,
      field,
      wait,
      nowMs: this.#node.wallMs,
    });
  }
}
