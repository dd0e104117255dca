// Going through the members of a set: intset and listpack in their order, a dict page by page. The
// set must not change meanwhile.
import { HASHTABLE, INTSET } from "../../keyspace/types.ts";
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { type Dicts, RefList } from "../../memory/dict.ts";
import { intsetHigh, intsetLength, intsetLow } from "../../memory/intset.ts";
import { lpFirst, lpNext } from "../../memory/listpack.ts";
import { Element } from "../element.ts";

export class SetCursor {
  readonly #dicts: Dicts;
  /** The member that `next` came to. */
  readonly element: Element = new Element();
  /** Its entry, when the set is a dict. */
  entry: Ref = NONE;
  /** Its offset in the segment, when the set is a listpack. */
  listpackAt = 0;
  #value: Ref = NONE;
  #encoding = 0;
  /** Index of the next value of an intset, offset of the next entry of a listpack (-1: none). */
  #next = 0;
  /** The page of a dict that is in work, and how far; and the place of the one after it. */
  readonly #page: RefList = new RefList();
  #pageAt = 0;
  #pageIndex = 0;

  constructor(dicts: Dicts) {
    this.#dicts = dicts;
  }

  start(value: Ref, encoding: number): void {
    this.#value = value;
    this.#encoding = encoding;
    this.#next = 0;
    if (encoding === HASHTABLE) {
      this.#page.count = 0;
      this.#pageAt = 0;
      this.#pageIndex = 0;
    } else if (encoding !== INTSET) {
      const bytes = this.#dicts.arena.u8[value >>> SEGMENT_SHIFT];
      this.#next = lpFirst(bytes, (value & GRANULE_MASK) << 3);
    }
  }

  /** Loads the next member into `element`; false when there is none. */
  next(): boolean {
    if (this.#encoding === HASHTABLE) return this.#nextEntry();
    const { arena } = this.#dicts;
    const segment = this.#value >>> SEGMENT_SHIFT;
    const bytes = arena.u8[segment];
    const at = this.#next;
    if (this.#encoding === INTSET) {
      const base = (this.#value & GRANULE_MASK) << 3;
      if (at === intsetLength(bytes, base)) return false;
      this.element.integer(intsetHigh(bytes, base, at), intsetLow(bytes, base, at));
      this.#next = at + 1;
      return true;
    }
    if (at < 0) return false;
    this.listpackAt = at;
    this.element.listpackEntry(bytes, arena.view[segment], at);
    this.#next = lpNext(bytes, at);
    return true;
  }

  #nextEntry(): boolean {
    const dicts = this.#dicts;
    while (this.#pageAt === this.#page.count) {
      const page = this.#pageIndex === -1 ? NONE : dicts.pageAt(this.#value, this.#pageIndex);
      if (page === NONE) return false;
      this.#page.count = 0;
      this.#pageAt = 0;
      dicts.pageEntries(page, this.#page);
      this.#pageIndex = dicts.nextPageIndex(this.#value, this.#pageIndex);
    }
    this.entry = this.#page.items[this.#pageAt++];
    this.element.entryKey(dicts, this.entry);
    return true;
  }
}
