// Walking the entries of a stream between two IDs, forwards or backwards, and the fields and values
// of each. Nothing is copied or made: fields and values are offsets of listpack elements. A cursor is
// valid until the stream changes.
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  LP_END,
  LP_HEADER_BYTES,
  lpEnd,
  lpInteger,
  lpPrev,
  lpSkip,
} from "../../memory/listpack.ts";
import type { IdCursor } from "./id-cursor.ts";
import type { IdIndexes } from "./id-index.ts";
import { ID_WORDS, StreamId } from "./stream-id.ts";
import { DELETED, loadEntryId, SAME_FIELDS } from "./stream-node.ts";

export class EntryCursor {
  readonly #nodes: IdIndexes;
  readonly #place: IdCursor;
  /** The ID of the entry that `next` found. */
  readonly id: StreamId = new StreamId();
  /** Number of its fields. */
  fieldCount = 0;
  /** The array its listpack lies in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** After `nextField`: the listpack elements in `bytes` that hold a field and its value. */
  fieldAt = 0;
  valueAt = 0;
  /** The node of the entry (NONE at the end), and the node's key. */
  node: Ref = NONE;
  readonly base: StreamId = new StreamId();
  /** Where the entry begins in `bytes`. */
  entryAt = 0;

  readonly #from: StreamId = new StreamId();
  readonly #to: StreamId = new StreamId();
  #isReverse = false;
  #withDeleted = false;
  /** The end of the range at which the walk begins is behind us. */
  #inRange = false;
  /** Start of the listpack. */
  #listpack = 0;
  #headFieldCount = 0;
  /** The first field of the node's head. */
  headFieldsAt = 0;
  /** The entry has the fields of the head: its elements are values only. */
  hasSameFields = false;
  /** Forwards: where the next entry begins. Backwards: where the entry before ends. */
  #nextAt = 0;
  /** The first element of the entry that was not read yet. */
  elementAt = 0;
  /** How many elements come from there to the entry's last one. */
  #elementsLeft = 0;
  #headFieldAt = 0;

  constructor(nodes: IdIndexes) {
    this.#nodes = nodes;
    this.#place = nodes.cursor();
  }

  /** Begins to walk the entries of a stream's index of nodes; both ends belong to the range. */
  start(
    index: Ref,
    from: StreamId,
    to: StreamId,
    isReverse: boolean,
    withDeleted: boolean = false,
  ): void {
    this.#from.copy(from);
    this.#to.copy(to);
    this.#isReverse = isReverse;
    this.#withDeleted = withDeleted;
    this.#inRange = false;
    const place = this.#place;
    const found = isReverse
      ? this.#nodes.seekBack(index, to, place)
      : this.#nodes.seekBack(index, from, place) || this.#nodes.first(index, place);
    if (found) this.#enterNode();
    else this.node = NONE;
  }

  /** To the next entry. False when there is none. */
  next(): boolean {
    if (this.node === NONE) return false;
    return this.#isReverse ? this.#toPrevious() : this.#toNext();
  }

  #toNext(): boolean {
    if (this.#nextAt < 0) this.#skipEntry();
    for (;;) {
      if (this.bytes[this.#nextAt] === LP_END) {
        if (!this.#place.next()) return this.#finish();
        this.#enterNode();
        continue;
      }
      const flags = this.#readHead(this.#nextAt);
      if (!this.#inRange && this.id.compare(this.#from) >= 0) this.#inRange = true;
      if (this.#inRange && (this.#withDeleted || (flags & DELETED) === 0)) {
        this.#nextAt = -1;
        return this.id.compare(this.#to) <= 0 || this.#finish();
      }
      this.#skipEntry();
    }
  }

  #toPrevious(): boolean {
    for (;;) {
      const { bytes } = this;
      let at = lpPrev(bytes, this.#listpack, this.#nextAt);
      let elements = lpInteger(bytes, at);
      if (elements === 0) {
        if (!this.#place.previous()) return this.#finish();
        this.#enterNode();
        continue;
      }
      for (; elements > 0; elements--) at = lpPrev(bytes, this.#listpack, at);
      this.#nextAt = at;
      const flags = this.#readHead(at);
      if (!this.#inRange && this.id.compare(this.#to) <= 0) this.#inRange = true;
      if (this.#inRange && (this.#withDeleted || (flags & DELETED) === 0)) {
        return this.id.compare(this.#from) >= 0 || this.#finish();
      }
    }
  }

  /** To the next field of the entry and its value, at most `fieldCount` times. */
  nextField(): void {
    const { bytes } = this;
    if (this.hasSameFields) {
      this.fieldAt = this.#headFieldAt;
      this.#headFieldAt = lpSkip(bytes, this.#headFieldAt);
      this.valueAt = this.elementAt;
      this.#elementsLeft--;
    } else {
      this.fieldAt = this.elementAt;
      this.valueAt = lpSkip(bytes, this.elementAt);
      this.#elementsLeft -= 2;
    }
    this.elementAt = lpSkip(bytes, this.valueAt);
  }

  /** All fields and values were read by somebody else: the element behind them is at `at`. */
  skipFields(at: number): void {
    this.elementAt = at;
    this.#elementsLeft = 0;
  }

  #finish(): false {
    this.node = NONE;
    return false;
  }

  /** Reads the head of the node under `#place` and goes before its first or behind its last entry. */
  #enterNode(): void {
    const { words, at: item } = this.#place;
    const node = words[item + ID_WORDS];
    const bytes = this.#nodes.arena.u8[node >>> SEGMENT_SHIFT];
    const listpack = (node & GRANULE_MASK) << 3;
    this.node = node;
    this.base.load(words, item);
    this.bytes = bytes;
    this.#listpack = listpack;
    let at = lpSkip(bytes, lpSkip(bytes, listpack + LP_HEADER_BYTES));
    const fieldCount = lpInteger(bytes, at);
    at = lpSkip(bytes, at);
    this.#headFieldCount = fieldCount;
    this.headFieldsAt = at;
    if (this.#isReverse) {
      this.#nextAt = lpEnd(bytes, listpack);
      return;
    }
    for (let i = 0; i < fieldCount; i++) at = lpSkip(bytes, at);
    this.#nextAt = lpSkip(bytes, at);
  }

  /** Reads what comes before the values of the entry at `at`. Answers with its flags. */
  #readHead(at: number): number {
    const { bytes } = this;
    const flags = lpInteger(bytes, at);
    let first = loadEntryId(bytes, at, this.base, this.id);
    this.entryAt = at;
    this.hasSameFields = (flags & SAME_FIELDS) !== 0;
    if (this.hasSameFields) {
      this.fieldCount = this.#headFieldCount;
      this.#headFieldAt = this.headFieldsAt;
      this.#elementsLeft = this.fieldCount;
    } else {
      this.fieldCount = lpInteger(bytes, first);
      first = lpSkip(bytes, first);
      this.#elementsLeft = 2 * this.fieldCount;
    }
    this.elementAt = first;
    return flags;
  }

  /** Goes behind the entry. */
  #skipEntry(): void {
    const { bytes } = this;
    let at = this.elementAt;
    for (let left = this.#elementsLeft; left > 0; left--) at = lpSkip(bytes, at);
    this.#nextAt = lpSkip(bytes, at);
  }
}
