// Hashes that are listpacks, with or without times to live (layout: hash-value.ts). `at` is the offset
// of a field in its segment, which holds until the hash changes.
import { LISTPACK, LISTPACK_EX } from "../../keyspace/types.ts";
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import {
  initListpack,
  LP_COUNT_UNKNOWN,
  LP_EMPTY_BYTES,
  LP_END,
  LP_HEADER_BYTES,
  lpBytes,
  lpEnd,
  lpFind,
  lpFirst,
  lpInteger,
  lpLength,
  lpSetBytes,
  lpSetCount,
  lpSkip,
} from "../../memory/listpack.ts";
import {
  lpDeleteRangeAt,
  lpEncodedSize,
  lpInsertAt,
  lpInsertIntegerAt,
  lpIntegerSize,
  lpOverwrite,
  lpReplaceAt,
  lpReplaceGrowth,
  lpWriteInt64,
} from "../../memory/listpack-edit.ts";
import { copyBytes } from "../../util/copy.ts";
import { Element } from "../element.ts";
import { NO_EXPIRY } from "./hash-fields.ts";
import type { HashRegistry } from "./hash-registry.ts";
import { EX_HEAD_BYTES, type HashValue, initHead, listpackBase } from "./hash-value.ts";

/** The expiry of a field without one. */
const STORED_NO_EXPIRY = 0;

export class HashListpacks {
  readonly #arena: Arena;
  readonly #registry: HashRegistry;
  readonly #kept: Element = new Element();
  #keptBytes: Uint8Array = new Uint8Array(64);

  constructor(arena: Arena, registry: HashRegistry) {
    this.#arena = arena;
    this.#registry = registry;
  }

  create(): Ref {
    const value = this.#arena.alloc(LP_EMPTY_BYTES);
    initListpack(this.#arena.u8[value >>> SEGMENT_SHIFT], (value & GRANULE_MASK) << 3);
    return value;
  }

  copy(value: Ref, encoding: number): Ref {
    const arena = this.#arena;
    const bytes = arena.u8[value >>> SEGMENT_SHIFT];
    const base = listpackBase(value, encoding);
    const start = (value & GRANULE_MASK) << 3;
    const size = base - start + lpBytes(bytes, base);
    const copied = arena.alloc(size);
    const target = arena.u8[copied >>> SEGMENT_SHIFT];
    copyBytes(target, (copied & GRANULE_MASK) << 3, bytes, start, size);
    if (encoding === LISTPACK_EX) initHead(arena, copied);
    return copied;
  }

  /** Where a field is, or -1. */
  find(value: Ref, encoding: number, field: Element): number {
    const segment = value >>> SEGMENT_SHIFT;
    const { u8, view } = this.#arena;
    const skipped = encoding === LISTPACK_EX ? 2 : 1;
    return lpFind(u8[segment], view[segment], listpackBase(value, encoding), field, skipped);
  }

  /** Makes a listpack ready for fields with a time to live. */
  allowExpiry(hash: HashValue): void {
    const arena = this.#arena;
    const { value } = hash;
    const source = arena.u8[value >>> SEGMENT_SHIFT];
    const sourceBase = (value & GRANULE_MASK) << 3;
    const pairs = lpLength(source, sourceBase) / 2;
    const size = lpBytes(source, sourceBase) + pairs * lpIntegerSize(STORED_NO_EXPIRY);
    const made = arena.alloc(EX_HEAD_BYTES + size);
    const bytes = arena.u8[made >>> SEGMENT_SHIFT];
    const base = listpackBase(made, LISTPACK_EX);
    initHead(arena, made);
    initListpack(bytes, base);
    let at = base + LP_HEADER_BYTES;
    let from = sourceBase + LP_HEADER_BYTES;
    while (source[from] !== LP_END) {
      const next = lpSkip(source, lpSkip(source, from));
      copyBytes(bytes, at, source, from, next - from);
      at += next - from;
      from = next;
      at = lpWriteInt64(bytes, at, 0, STORED_NO_EXPIRY);
    }
    bytes[at] = LP_END;
    lpSetBytes(bytes, base, size);
    lpSetCount(bytes, base, Math.min(pairs * 3, LP_COUNT_UNKNOWN));
    arena.free(value);
    hash.value = made;
    hash.encoding = LISTPACK_EX;
  }

  /** Gives the field at `at` another content. */
  replace(hash: HashValue, at: number, content: Element): void {
    const { bytes: source, offset, length } = content;
    const before = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const contentAt = lpSkip(before, at);
    if (lpOverwrite(before, contentAt, source, offset, length)) return;
    const base = listpackBase(hash.value, hash.encoding);
    const place = contentAt - base;
    const total = lpBytes(before, base);
    const growth = lpReplaceGrowth(before, contentAt, source, offset, length);
    if (growth > 0) this.#resize(hash, total + growth);
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const moved = listpackBase(hash.value, hash.encoding);
    lpReplaceAt(bytes, moved, moved + place, source, offset, length);
    if (growth < 0) this.#resize(hash, total + growth);
  }

  /** Adds a field: behind all others, or, with a time to live, in front of those that expire later. */
  insert(hash: HashValue, field: Element, content: Element, ms: number): void {
    const before = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const base = listpackBase(hash.value, hash.encoding);
    const at = (ms === NO_EXPIRY ? lpEnd(before, base) : placeFor(before, base, ms)) - base;
    const hasExpiry = hash.encoding === LISTPACK_EX;
    const stored = ms === NO_EXPIRY ? STORED_NO_EXPIRY : ms;
    const growth =
      lpEncodedSize(field.bytes, field.offset, field.length) +
      lpEncodedSize(content.bytes, content.offset, content.length) +
      (hasExpiry ? lpIntegerSize(stored) : 0);
    this.#resize(hash, lpBytes(before, base) + growth);
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const moved = listpackBase(hash.value, hash.encoding);
    let next = moved + at;
    next = lpInsertAt(bytes, moved, next, field.bytes, field.offset, field.length);
    next = lpInsertAt(bytes, moved, next, content.bytes, content.offset, content.length);
    if (hasExpiry) lpInsertIntegerAt(bytes, moved, next, stored);
  }

  /** Removes the field at `at` of a listpackex and adds it again, with another content or expiry. */
  reinsert(hash: HashValue, at: number, field: Element, content: Element, ms: number): void {
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    lpDeleteRangeAt(bytes, listpackBase(hash.value, hash.encoding), at, 3);
    this.insert(hash, field, content, ms);
  }

  /** Gives the field at `at` of a listpackex another expiry, or NO_EXPIRY. */
  setExpiry(hash: HashValue, at: number, field: Element, ms: number): void {
    const segment = hash.value >>> SEGMENT_SHIFT;
    const bytes = this.#arena.u8[segment];
    const kept = this.#kept;
    kept.listpackEntry(bytes, this.#arena.view[segment], lpSkip(bytes, at));
    const { length } = kept;
    if (this.#keptBytes.length < length) this.#keptBytes = new Uint8Array(length * 2);
    copyBytes(this.#keptBytes, 0, kept.bytes, kept.offset, length);
    // Nobody asks for the hash of a content, so a view over these bytes is not needed.
    kept.place(this.#keptBytes, kept.view, 0, length);
    this.reinsert(hash, at, field, kept, ms);
  }

  remove(hash: HashValue, at: number): void {
    const bytes = this.#arena.u8[hash.value >>> SEGMENT_SHIFT];
    const base = listpackBase(hash.value, hash.encoding);
    lpDeleteRangeAt(bytes, base, at, hash.encoding === LISTPACK ? 2 : 3);
    this.#resize(hash, lpBytes(bytes, base));
  }

  /** Gives the block room for so many bytes of listpack. */
  #resize(hash: HashValue, bytes: number): void {
    const head = hash.encoding === LISTPACK_EX ? EX_HEAD_BYTES : 0;
    const value = this.#arena.realloc(hash.value, head + bytes);
    if (value === hash.value) return;
    hash.value = value;
    this.#registry.moved(hash);
  }

  /** The field of a listpackex that expires first, if any field does; -1 when there is none at all. */
  first(value: Ref): number {
    return lpFirst(this.#arena.u8[value >>> SEGMENT_SHIFT], listpackBase(value, LISTPACK_EX));
  }

  /** Number of fields of a listpackex whose time is before `ms`. */
  countExpired(value: Ref, ms: number): number {
    const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
    let count = 0;
    let at = listpackBase(value, LISTPACK_EX) + LP_HEADER_BYTES;
    for (; bytes[at] !== LP_END; count++) {
      const expiry = expiryAt(bytes, at);
      if (expiry === NO_EXPIRY || expiry >= ms) break;
      at = lpSkip(bytes, lpSkip(bytes, lpSkip(bytes, at)));
    }
    return count;
  }
}

/** The expiry of the field at `at` of a listpackex. */
export function expiryAt(bytes: Uint8Array, at: number): number {
  const ms = lpInteger(bytes, lpSkip(bytes, lpSkip(bytes, at)));
  return ms === STORED_NO_EXPIRY ? NO_EXPIRY : ms;
}

/** Where a field with this expiry belongs: in front of the first that does not expire before it. */
function placeFor(bytes: Uint8Array, base: number, ms: number): number {
  let at = base + LP_HEADER_BYTES;
  while (bytes[at] !== LP_END) {
    const expiry = expiryAt(bytes, at);
    if (expiry === NO_EXPIRY || expiry >= ms) break;
    at = lpSkip(bytes, lpSkip(bytes, lpSkip(bytes, at)));
  }
  return at;
}
