// The fields of a hash that is a dict: entries with the field as their key and the value behind it
// (layout: hash-value.ts).
import { type Arena, GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import {
  HAS_EXPIRY,
  HAS_VALUE,
  KEY_LENGTH_MASK,
  keyStart,
  setExpiryMs,
} from "../../memory/entry.ts";
import { HEAP_POSITION_WORD, IN_NO_HEAP } from "../../memory/expiry-heap.ts";
import { copyBytes } from "../../util/copy.ts";
import type { Element } from "../element.ts";

const VALUE_LENGTH = 2;
const HEAD_BYTES = 12;
const EXPIRING_HEAD_BYTES = 20;
/** A block is kept when the new value leaves no more than this share of it unused. */
const WASTE_SHIFT = 2;
const WASTE_BYTES = 16;

/** The expiry of what never expires. */
export const NO_EXPIRY = -1;

/** A new field, in no dict yet. `expiryMs`: NO_EXPIRY, or the time for which it has room. */
export function newField(arena: Arena, field: Element, value: Element, expiryMs: number): Ref {
  const head = expiryMs === NO_EXPIRY ? HEAD_BYTES : EXPIRING_HEAD_BYTES;
  const entry = arena.alloc(head + field.length + value.length);
  const segment = entry >>> SEGMENT_SHIFT;
  const words = arena.i32[segment];
  const at = (entry & GRANULE_MASK) << 1;
  words[at] = field.length | HAS_VALUE | (expiryMs === NO_EXPIRY ? 0 : HAS_EXPIRY);
  words[at + HEAP_POSITION_WORD] = IN_NO_HEAP;
  words[at + VALUE_LENGTH] = value.length;
  if (expiryMs !== NO_EXPIRY) setExpiryMs(arena, entry, expiryMs);
  const bytes = arena.u8[segment];
  const start = (at << 2) + head;
  copyBytes(bytes, start, field.bytes, field.offset, field.length);
  copyBytes(bytes, start + field.length, value.bytes, value.offset, value.length);
  return entry;
}

/** A copy of a field's block with or without room for an expiry; its position in a heap is lost. */
export function remadeField(arena: Arena, entry: Ref, expiryMs: number): Ref {
  const segment = entry >>> SEGMENT_SHIFT;
  const words = arena.i32[segment];
  const at = (entry & GRANULE_MASK) << 1;
  const length = (words[at] & KEY_LENGTH_MASK) + words[at + VALUE_LENGTH];
  const from = (at << 2) + keyStart(words[at]);
  const head = expiryMs === NO_EXPIRY ? HEAD_BYTES : EXPIRING_HEAD_BYTES;
  const made = arena.alloc(head + length);
  const madeWords = arena.i32[made >>> SEGMENT_SHIFT];
  const madeAt = (made & GRANULE_MASK) << 1;
  const flags = HAS_VALUE | (expiryMs === NO_EXPIRY ? 0 : HAS_EXPIRY);
  madeWords[madeAt] = (words[at] & KEY_LENGTH_MASK) | flags;
  madeWords[madeAt + HEAP_POSITION_WORD] = IN_NO_HEAP;
  madeWords[madeAt + VALUE_LENGTH] = words[at + VALUE_LENGTH];
  if (expiryMs !== NO_EXPIRY) setExpiryMs(arena, made, expiryMs);
  copyBytes(
    arena.u8[made >>> SEGMENT_SHIFT],
    (madeAt << 2) + head,
    arena.u8[segment],
    from,
    length,
  );
  return made;
}

/** Writes another value over the old one, if the block has room and not too much of it. */
export function overwriteValue(arena: Arena, entry: Ref, value: Element): boolean {
  const segment = entry >>> SEGMENT_SHIFT;
  const words = arena.i32[segment];
  const at = (entry & GRANULE_MASK) << 1;
  const keyEnd = keyStart(words[at]) + (words[at] & KEY_LENGTH_MASK);
  const room = arena.sizeOf(entry);
  const unused = room - keyEnd - value.length;
  if (unused < 0 || unused > (room >> WASTE_SHIFT) + WASTE_BYTES) return false;
  words[at + VALUE_LENGTH] = value.length;
  copyBytes(arena.u8[segment], (at << 2) + keyEnd, value.bytes, value.offset, value.length);
  return true;
}

/** Loads the value of a field. */
export function loadValue(dicts: Dicts, entry: Ref, into: Element): void {
  const { arena } = dicts;
  const segment = entry >>> SEGMENT_SHIFT;
  const words = arena.i32[segment];
  const at = (entry & GRANULE_MASK) << 1;
  const start = (at << 2) + keyStart(words[at]) + (words[at] & KEY_LENGTH_MASK);
  into.place(arena.u8[segment], arena.view[segment], start, words[at + VALUE_LENGTH]);
}

/** Length of the value of a field. */
export function valueLength(arena: Arena, entry: Ref): number {
  return arena.i32[entry >>> SEGMENT_SHIFT][((entry & GRANULE_MASK) << 1) + VALUE_LENGTH];
}
