// The memory of hash values. A hash is one of four things, and grows from one to the next, never back:
//
//   listpack     field, value, field, value, … (listpack.ts): at most hash-max-listpack-entries fields,
//                none and no value longer than hash-max-listpack-value
//   listpackex   the same once a field has got a time to live:
//                word 0 hash of the key | 1 position in the database's expiry heap | listpack of
//                field, value, expiry in ms (0: none), …, those that expire first in front, those
//                that do not at the end
//   hashtable    word 0 hash of the key | 1 position in the database's expiry heap | 2 dict |
//                3 expiry heap of the fields that have a time to live, or NONE
//
// In the dict, a field is an entry (entry.ts) with HAS_VALUE, and HAS_EXPIRY if it has a time to live:
// meta = position in the heap of fields, value = length of the value, which lies behind the field.
//
// A hash with fields that expire is in the heap of its database (`Database.fieldExpiries`) with the
// time of the field that is first. The hash of its key leads from there back to the key.
import type { Database } from "../../keyspace/database.ts";
import { LISTPACK, LISTPACK_EX } from "../../keyspace/types.ts";
import { type Arena, GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { HEAP_POSITION_WORD, IN_NO_HEAP } from "../../memory/expiry-heap.ts";

/** Bytes in front of the listpack of a listpackex. */
export const EX_HEAD_BYTES = 8;
const DICT_BLOCK_BYTES = 16;
const KEY_HASH = 0;
const DICT = 2;
const FIELD_HEAP = 3;

/** A hash that is being looked at or changed. */
export class HashValue {
  /** The key it belongs to; none for a copy or a value that is being loaded. */
  db: Database | null = null;
  entry: Ref = NONE;
  value: Ref = NONE;
  encoding: number = LISTPACK;

  /** The value of a key. */
  open(db: Database, entry: Ref): void {
    this.db = db;
    this.entry = entry;
    this.value = db.valueOf(entry);
    this.encoding = db.encodingOf(entry);
  }

  /** A value that belongs to no key. */
  hold(value: Ref, encoding: number): void {
    this.db = null;
    this.entry = NONE;
    this.value = value;
    this.encoding = encoding;
  }
}

/** Byte offset of the listpack in its segment. */
export function listpackBase(value: Ref, encoding: number): number {
  return ((value & GRANULE_MASK) << 3) + (encoding === LISTPACK_EX ? EX_HEAD_BYTES : 0);
}

/** Writes what stands in front of the listpack of a listpackex, or in front of a dict's reference. */
export function initHead(arena: Arena, value: Ref): void {
  const words = arena.i32[value >>> SEGMENT_SHIFT];
  const at = (value & GRANULE_MASK) << 1;
  words[at + KEY_HASH] = 0;
  words[at + HEAP_POSITION_WORD] = IN_NO_HEAP;
}

/** Gives `to` the head of `from`, which another block of the same hash takes over. */
export function copyHead(arena: Arena, from: Ref, to: Ref): void {
  const source = arena.i32[from >>> SEGMENT_SHIFT];
  const sourceAt = (from & GRANULE_MASK) << 1;
  const words = arena.i32[to >>> SEGMENT_SHIFT];
  const at = (to & GRANULE_MASK) << 1;
  words[at + KEY_HASH] = source[sourceAt + KEY_HASH];
  words[at + HEAP_POSITION_WORD] = source[sourceAt + HEAP_POSITION_WORD];
}

/** A new block for a hash in a dict. */
export function newDictBlock(arena: Arena, dict: Ref): Ref {
  const value = arena.alloc(DICT_BLOCK_BYTES);
  initHead(arena, value);
  const words = arena.i32[value >>> SEGMENT_SHIFT];
  const at = (value & GRANULE_MASK) << 1;
  words[at + DICT] = dict;
  words[at + FIELD_HEAP] = NONE;
  return value;
}

export function dictOf(arena: Arena, value: Ref): Ref {
  return arena.i32[value >>> SEGMENT_SHIFT][((value & GRANULE_MASK) << 1) + DICT];
}

/** The heap of the fields of a hash in a dict that have a time to live, or NONE. */
export function fieldHeapOf(arena: Arena, value: Ref): Ref {
  return arena.i32[value >>> SEGMENT_SHIFT][((value & GRANULE_MASK) << 1) + FIELD_HEAP];
}

export function setFieldHeap(arena: Arena, value: Ref, heap: Ref): void {
  arena.i32[value >>> SEGMENT_SHIFT][((value & GRANULE_MASK) << 1) + FIELD_HEAP] = heap;
}

/** The hash of the key that a registered hash belongs to. */
export function keyHashOf(arena: Arena, value: Ref): number {
  return arena.i32[value >>> SEGMENT_SHIFT][((value & GRANULE_MASK) << 1) + KEY_HASH];
}

export function setKeyHash(arena: Arena, value: Ref, hash: number): void {
  arena.i32[value >>> SEGMENT_SHIFT][((value & GRANULE_MASK) << 1) + KEY_HASH] = hash;
}
