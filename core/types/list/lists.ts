// Lists. A small one is one listpack (encoding `listpack`, the value is its block: list-node.ts), a
// larger one a quicklist (encoding `quicklist`, the value is its header: quicklist.ts).
//
// There is one instance per node. A command opens the list of a key, works on it, and `close`s it when
// it has changed, which tells the key's entry where the value is now. A new list is `create`d, filled,
// and given to the key by `value` and `encoding`. One list is open at a time.
import type { Database } from "../../keyspace/database.ts";
import { LISTPACK, QUICKLIST } from "../../keyspace/types.ts";
import { type Arena, NONE, type Ref } from "../../memory/arena.ts";
import {
  LP_HEADER_BYTES,
  lpBytes,
  lpFormat,
  lpIsInteger,
  lpLast,
  lpLength,
  lpSeek,
  lpStringLength,
  lpStringStart,
} from "../../memory/listpack.ts";
import type { Args } from "../../resp/args.ts";
import { copyBytes } from "../../util/copy.ts";
import { type DenseWalk, formatInteger, isString } from "./dense-walk.ts";
import { clampDepth, clampFill, exceedsNode, fitsListpack, nodeBytesMax } from "./limits.ts";
import { ListCursor } from "./list-cursor.ts";
import { LISTPACK_HEAD_BYTES, type ListNodes, NODE_HEAD_BYTES } from "./list-node.ts";
import { Needle } from "./needle.ts";
import { Quicklists } from "./quicklist.ts";
import { insertBeside, removeMatching, removeRange, replaceElement } from "./quicklist-edit.ts";

const INTEGER_TEXT_BYTES_MAX = 24;

/** The directives that say how large a node is and which nodes are compressed. */
export interface ListLimits {
  readonly listMaxListpackSize: number;
  readonly listCompressDepth: number;
}

export class Lists {
  readonly quicklists: Quicklists;
  readonly cursor: ListCursor;
  readonly needle: Needle = new Needle();
  readonly #packed: ListNodes;
  readonly #limits: ListLimits;
  // The open list.
  value: Ref = NONE;
  encoding: number = LISTPACK;
  #db: Database | null = null;
  #entry: Ref = NONE;
  /** The element that `look…` looked at: `bytes[offset, offset + length)`, until something changes. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  #held: Uint8Array = new Uint8Array(64);
  readonly #digits: Uint8Array = new Uint8Array(INTEGER_TEXT_BYTES_MAX);

  /** `limits` may change; they hold for lists that are made or change their form from then on. */
  constructor(arena: Arena, limits: ListLimits) {
    this.quicklists = new Quicklists(arena);
    this.cursor = new ListCursor(this.quicklists);
    this.#packed = this.quicklists.nodes.packed;
    this.#limits = limits;
  }

  // -- opening and closing --------------------------------------------------------------------------

  /** Opens the list at `entry`, which must be one. */
  open(db: Database, entry: Ref): void {
    this.#db = db;
    this.#entry = entry;
    this.value = db.valueOf(entry);
    this.encoding = db.encodingOf(entry);
  }

  /** Opens a value that belongs to no key, or whose key is not concerned. */
  openValue(value: Ref, encoding: number): void {
    this.#db = null;
    this.value = value;
    this.encoding = encoding;
  }

  /** Opens a new list without elements. */
  create(): void {
    this.openValue(this.#packed.create(LISTPACK_HEAD_BYTES, 0), LISTPACK);
  }

  /** As `create`; the list is a quicklist from the start, and must get elements or nodes. */
  createQuicklist(): void {
    const { listMaxListpackSize: fill, listCompressDepth: depth } = this.#limits;
    this.openValue(this.quicklists.create(clampFill(fill), clampDepth(depth)), QUICKLIST);
  }

  /** Tells the key's entry what has become of the list. */
  close(): void {
    const db = this.#db;
    if (db === null) return;
    const entry = this.#entry;
    if (db.valueOf(entry) !== this.value || db.encodingOf(entry) !== this.encoding) {
      db.setValue(entry, this.value, this.encoding);
    }
  }

  /** Number of elements. */
  get count(): number {
    if (this.encoding === QUICKLIST) return this.quicklists.count(this.value);
    this.#packed.open(this.value);
    return lpLength(this.#packed.bytes, this.#packed.base);
  }

  // -- the encoding ---------------------------------------------------------------------------------

  /** Before arguments `first` to `last` are added: a listpack that they may be too much for changes. */
  makeRoomFor(args: Args, first: number, last: number): void {
    if (this.encoding !== LISTPACK) return;
    let bytes = 0;
    for (let i = first; i <= last; i++) bytes += args.length[i];
    this.growBy(bytes, last - first + 1);
  }

  /** Before `count` elements of `bytes` bytes in all are added. */
  growBy(bytes: number, count: number): void {
    if (this.encoding !== LISTPACK) return;
    const packed = this.#packed;
    packed.open(this.value);
    const total = lpBytes(packed.bytes, packed.base);
    const elements = lpLength(packed.bytes, packed.base);
    const { listMaxListpackSize: fill, listCompressDepth: depth } = this.#limits;
    if (!exceedsNode(fill, total + bytes, elements + count)) return;
    const list = this.quicklists.create(clampFill(fill), clampDepth(depth));
    if (elements === 0) packed.arena.free(this.value);
    else this.quicklists.appendNode(list, packed.setHead(this.value, NODE_HEAD_BYTES));
    this.value = list;
    this.encoding = QUICKLIST;
  }

  /** After elements were removed: a quicklist of one small node becomes a listpack. */
  shrink(): void {
    if (this.encoding === QUICKLIST) this.#tryListpack(true);
  }

  /** After the list was made: whichever form the configuration wants. */
  normalize(): void {
    if (this.encoding === QUICKLIST) this.#tryListpack(false);
    else this.growBy(0, 0);
  }

  #tryListpack(shrinking: boolean): void {
    const { quicklists, value } = this;
    if (quicklists.nodeCount(value) !== 1) return;
    const { nodes } = quicklists;
    const node = quicklists.head(value);
    if (nodes.holdsPlain(node)) return;
    if (
      !fitsListpack(
        this.#limits.listMaxListpackSize,
        nodes.sizeOf(node),
        nodes.elements(node),
        shrinking,
      )
    )
      return;
    // A node at an end is never compressed. Where its links were is room for elements now.
    this.value = node;
    this.encoding = LISTPACK;
    quicklists.freeShell(value);
  }

  // -- both ends ------------------------------------------------------------------------------------

  /** Adds the text at an end; `growBy` or `makeRoomFor` was called before. The text is not in the arena. */
  push(atHead: boolean, source: Uint8Array, offset: number, length: number): void {
    if (this.encoding === QUICKLIST) {
      this.quicklists.push(this.value, atHead, source, offset, length);
      return;
    }
    const packed = this.#packed;
    const totalMax = nodeBytesMax(this.#limits.listMaxListpackSize);
    const { value } = this;
    this.value = atHead
      ? packed.prepend(value, LISTPACK_HEAD_BYTES, totalMax, source, offset, length)
      : packed.append(value, LISTPACK_HEAD_BYTES, totalMax, source, offset, length);
  }

  /** Looks at the element at an end. */
  lookAtEnd(atHead: boolean): void {
    if (this.encoding === QUICKLIST) {
      const { quicklists, value } = this;
      const { nodes } = quicklists;
      nodes.open(atHead ? quicklists.head(value) : quicklists.tail(value));
      if (nodes.isPlain) return this.#lookAtText(nodes.bytes, nodes.base, nodes.size);
      return this.#lookAtListpackEnd(nodes.bytes, nodes.base, atHead);
    }
    this.#packed.open(this.value);
    this.#lookAtListpackEnd(this.#packed.bytes, this.#packed.base, atHead);
  }

  #lookAtListpackEnd(bytes: Uint8Array, base: number, atHead: boolean): void {
    this.lookAtEntry(bytes, atHead ? base + LP_HEADER_BYTES : lpLast(bytes, base));
  }

  /** Looks at the entry at bytes[at] of any listpack. */
  lookAtEntry(bytes: Uint8Array, at: number): void {
    if (lpIsInteger(bytes, at)) {
      this.#lookAtText(this.#digits, 0, lpFormat(bytes, at, this.#digits, 0));
    } else {
      this.#lookAtText(bytes, lpStringStart(bytes, at), lpStringLength(bytes, at));
    }
  }

  #lookAtText(bytes: Uint8Array, offset: number, length: number): void {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }

  /** Copies the element that was looked at, which stays there whatever changes until the next look. */
  hold(): void {
    if (this.#held.length < this.length) this.#held = new Uint8Array(this.length);
    copyBytes(this.#held, 0, this.bytes, this.offset, this.length);
    this.bytes = this.#held;
    this.offset = 0;
  }

  /** Removes the element at an end. The last one stays in a listpack: the key must be removed. */
  pop(atHead: boolean): void {
    if (this.encoding === QUICKLIST) {
      this.quicklists.pop(this.value, atHead);
      return;
    }
    const packed = this.#packed;
    if (atHead) packed.removeFirst(this.value, 1);
    else packed.removeLast(this.value, 1);
    this.value = packed.fit(this.value, LISTPACK_HEAD_BYTES);
  }

  // -- anywhere -------------------------------------------------------------------------------------

  /** Starts the cursor at element `index`, which must be there. */
  start(index: number, forward: boolean): ListCursor {
    const { cursor } = this;
    if (this.encoding === QUICKLIST) {
      cursor.startInQuicklist(this.value, index, forward);
    } else {
      this.#packed.open(this.value);
      cursor.startInListpack(this.#packed.bytes, this.#packed.base, index, forward);
    }
    return cursor;
  }

  /** Looks at the element that the cursor is at. */
  lookAtCursor(): void {
    const { bytes, at, isPlain, isDense, size } = this.cursor;
    if (isDense) this.#lookAtDense(this.cursor.dense);
    else if (isPlain) this.#lookAtText(bytes, at, size);
    else this.lookAtEntry(bytes, at);
  }

  #lookAtDense({ bytes, at, width, kind }: DenseWalk): void {
    if (isString(kind)) return this.#lookAtText(bytes, at, width);
    this.#lookAtText(this.#digits, 0, formatInteger(kind, bytes, at, this.#digits, 0));
  }

  /** Inserts the text before or after the element that the cursor is at; `growBy` came before. */
  insertAtCursor(after: boolean, source: Uint8Array, offset: number, length: number): void {
    const { cursor } = this;
    if (this.encoding === QUICKLIST) {
      const { quicklists, value } = this;
      const at = cursor.offset;
      insertBeside(quicklists, value, cursor.node, at, after, source, offset, length);
      return;
    }
    if (after) cursor.advance();
    const place = cursor.at >= 0 ? cursor.at - cursor.base : lpBytes(cursor.bytes, cursor.base) - 1;
    this.value = this.#packed.insert(
      this.value,
      LISTPACK_HEAD_BYTES,
      nodeBytesMax(this.#limits.listMaxListpackSize),
      place,
      source,
      offset,
      length,
    );
  }

  /** Replaces element `index`, which must be there, by the text; `growBy` came before. */
  replace(index: number, source: Uint8Array, offset: number, length: number): void {
    if (this.encoding === QUICKLIST) {
      replaceElement(this.quicklists, this.value, index, source, offset, length);
      return;
    }
    const packed = this.#packed;
    packed.open(this.value);
    this.value = packed.replace(
      this.value,
      LISTPACK_HEAD_BYTES,
      nodeBytesMax(this.#limits.listMaxListpackSize),
      lpSeek(packed.bytes, packed.base, index) - packed.base,
      source,
      offset,
      length,
    );
  }

  /** Removes `count` elements from number `start` on; they must be there, and one must stay. */
  removeRange(start: number, count: number): void {
    if (count === 0) return;
    if (this.encoding === QUICKLIST) {
      removeRange(this.quicklists, this.value, start, count);
      return;
    }
    const packed = this.#packed;
    packed.open(this.value);
    if (start === 0) {
      packed.removeFirst(this.value, count);
    } else if (start + count === lpLength(packed.bytes, packed.base)) {
      packed.removeLast(this.value, count);
    } else {
      const at = lpSeek(packed.bytes, packed.base, start) - packed.base;
      packed.remove(this.value, at, count);
    }
    this.value = packed.fit(this.value, LISTPACK_HEAD_BYTES);
  }

  /**
   * Removes elements that `needle` matches, up to `limit`, the last ones first if `backward`. Answers
   * with how many that were.
   */
  removeMatching(backward: boolean, limit: number): number {
    const { needle, value } = this;
    if (this.encoding === QUICKLIST) {
      return removeMatching(this.quicklists, value, needle, backward, limit);
    }
    const removed = this.#packed.removeMatching(value, needle, backward, limit);
    if (removed > 0) this.value = this.#packed.fit(value, LISTPACK_HEAD_BYTES);
    return removed;
  }

  // -- values without a key ---------------------------------------------------------------------------

  /** Frees a value. */
  free(value: Ref, encoding: number): void {
    if (encoding === QUICKLIST) this.quicklists.free(value);
    else this.#packed.arena.free(value);
  }

  /** Makes an independent copy of a value. */
  copy(value: Ref, encoding: number): Ref {
    if (encoding === QUICKLIST) return this.quicklists.copy(value);
    this.#packed.open(value);
    return this.#packed.createFrom(LISTPACK_HEAD_BYTES, this.#packed.bytes, this.#packed.base);
  }
}
