// Going through the fields of a hash: a listpack in its order, a dict page by page. The hash must not
// change meanwhile.
import { HASHTABLE, LISTPACK_EX } from "../../keyspace/types.ts";
import { NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { type Dicts, RefList } from "../../memory/dict.ts";
import { expiryMs } from "../../memory/entry.ts";
import { lpFirst, lpInteger, lpNext, lpSkip } from "../../memory/listpack.ts";
import { WIDE_ZERO } from "../../util/wide.ts";
import { Element } from "../element.ts";
import { loadValue, NO_EXPIRY } from "./hash-fields.ts";
import { dictOf, listpackBase } from "./hash-value.ts";

export class HashCursor {
  readonly #dicts: Dicts;
  /** The field that `next` came to. */
  readonly field: Element = new Element();
  /** Its value, after `loadValue`. */
  readonly value: Element = new Element();
  /** Its expiry, or NO_EXPIRY. */
  expiryMs: number = WIDE_ZERO;
  /** Its entry, when the hash is a dict. */
  entry: Ref = NONE;
  #encoding = 0;
  /** Segment and offsets in a listpack: of the value, and of the next field (-1: none). */
  #segment = 0;
  #valueAt = 0;
  #next = 0;
  /** The dict, the page in work, and the place of the one behind it. */
  #dict: Ref = NONE;
  readonly #page: RefList = new RefList();
  #pageAt = 0;
  #pageIndex = 0;

  constructor(dicts: Dicts) {
    this.#dicts = dicts;
  }

  start(value: Ref, encoding: number): void {
    const { arena } = this.#dicts;
    this.#encoding = encoding;
    if (encoding === HASHTABLE) {
      this.#dict = dictOf(arena, value);
      this.#page.count = 0;
      this.#pageAt = 0;
      this.#pageIndex = 0;
    } else {
      this.#segment = value >>> SEGMENT_SHIFT;
      this.#next = lpFirst(arena.u8[this.#segment], listpackBase(value, encoding));
    }
  }

  /** Comes to the next field; false when there is none. */
  next(): boolean {
    return this.#encoding === HASHTABLE ? this.#nextEntry() : this.#nextInListpack();
  }

  #nextInListpack(): boolean {
    const at = this.#next;
    if (at < 0) return false;
    const { arena } = this.#dicts;
    const bytes = arena.u8[this.#segment];
    this.field.listpackEntry(bytes, arena.view[this.#segment], at);
    this.#valueAt = lpSkip(bytes, at);
    if (this.#encoding === LISTPACK_EX) {
      const expiryAt = lpSkip(bytes, this.#valueAt);
      const ms = lpInteger(bytes, expiryAt);
      this.expiryMs = ms === 0 ? NO_EXPIRY : ms;
      this.#next = lpNext(bytes, expiryAt);
    } else {
      this.expiryMs = NO_EXPIRY;
      this.#next = lpNext(bytes, this.#valueAt);
    }
    return true;
  }

  #nextEntry(): boolean {
    const dicts = this.#dicts;
    while (this.#pageAt === this.#page.count) {
      const page = this.#pageIndex === -1 ? NONE : dicts.pageAt(this.#dict, this.#pageIndex);
      if (page === NONE) return false;
      this.#page.count = 0;
      this.#pageAt = 0;
      dicts.pageEntries(page, this.#page);
      this.#pageIndex = dicts.nextPageIndex(this.#dict, this.#pageIndex);
    }
    this.entry = this.#page.items[this.#pageAt++];
    this.expiryMs = expiryMs(dicts.arena, this.entry);
    this.field.entryKey(dicts, this.entry);
    return true;
  }

  loadValue(): void {
    const { arena } = this.#dicts;
    if (this.#encoding === HASHTABLE) {
      loadValue(this.#dicts, this.entry, this.value);
    } else {
      const { value } = this;
      value.listpackEntry(arena.u8[this.#segment], arena.view[this.#segment], this.#valueAt);
    }
  }
}
