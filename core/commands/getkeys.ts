// Which arguments of a call are keys, and what happens to them: for COMMAND GETKEYS, ACL rules,
// cluster routing and client-side caching.
//
// Two questions with two answers, as in Redis:
//   getKeys         follows the key specs and knows what happens to every key. Specs that cannot
//                   tell (unknown, incomplete, variable flags, a malformed call) leave it to the
//                   command's key finder. Shard channels are no keys.
//   getRoutingKeys  asks the key finder first, else takes the plain range; positions only. Shard
//                   channels count, since they too live in a slot.
// The order and the flags of the found keys, 0 included, are those of COMMAND GETKEYSANDFLAGS.
import type { Args } from "../resp/args.ts";
import {
  BEGIN_INDEX,
  BEGIN_KEYWORD,
  type CommandFacts,
  FIND_COUNTED,
  FIND_RANGE,
  KEY_FINDERS,
  type KeySpec,
} from "./command-facts.ts";
import {
  KEY_ACCESS,
  KEY_DELETE,
  KEY_INCOMPLETE,
  KEY_NOT_KEY,
  KEY_OW,
  KEY_RO,
  KEY_RW,
  KEY_UPDATE,
  KEY_VARIABLE_FLAGS,
} from "./flags.ts";

const INITIAL_KEYS = 64;
const TWO_TO_THE_63 = 2 ** 63;

/** The keys that were found. One instance is reused, so that finding keys allocates nothing. */
export class KeyPositions {
  count = 0;
  /** Index in the call's Args of key i. */
  index: Int32Array = new Int32Array(INITIAL_KEYS);
  /** KEY_ bits of key i; 0 when they were not asked for or are not known. */
  flags: Int32Array = new Int32Array(INITIAL_KEYS);

  clear(): void {
    this.count = 0;
  }

  push(index: number, flags: number): void {
    const at = this.count;
    if (at === this.index.length) this.#grow();
    this.index[at] = index;
    this.flags[at] = flags;
    this.count = at + 1;
  }

  #grow(): void {
    const index = new Int32Array(this.index.length * 2);
    const flags = new Int32Array(this.flags.length * 2);
    index.set(this.index);
    flags.set(this.flags);
    this.index = index;
    this.flags = flags;
  }
}

/** True when calls of the command can have keys at all; shard channels are none. */
export function hasKeys(command: CommandFacts): boolean {
  if (command.keyFinder !== 0) return true;
  for (const spec of command.keySpecs) if ((spec.flags & KEY_NOT_KEY) === 0) return true;
  return false;
}

/**
 * Finds the keys of the call that starts at argument `base`, with what happens to them. Answers
 * with their number, 0 when there are none or the call is malformed.
 */
export function getKeys(command: CommandFacts, args: Args, out: KeyPositions, base = 0): number {
  out.clear();
  const { keySpecs } = command;
  if (specsAreReliable(keySpecs)) {
    let whole = true;
    for (let i = 0; i < keySpecs.length && whole; i++) {
      whole = followSpec(keySpecs[i], args, out, base);
    }
    if (whole) return out.count;
    out.clear();
  }
  findKeys(command.keyFinder, args, out, base);
  return out.count;
}

/** As `getKeys`, for routing: positions without flags, shard channels included. */
export function getRoutingKeys(
  command: CommandFacts,
  args: Args,
  out: KeyPositions,
  base = 0,
): number {
  out.clear();
  if (command.keyFinder !== 0) findKeys(command.keyFinder, args, out, base);
  else if (command.firstKey !== 0) takeRange(command, args, out, base);
  return out.count;
}

/** True when a spec names real keys and none has flags that depend on the arguments. */
function specsAreReliable(specs: readonly KeySpec[]): boolean {
  let named = false;
  for (let i = 0; i < specs.length; i++) {
    const { flags } = specs[i];
    if ((flags & KEY_VARIABLE_FLAGS) !== 0) return false;
    if ((flags & KEY_NOT_KEY) === 0) named = true;
  }
  return named;
}

/** Adds the keys of one spec; false when the spec cannot tell them. */
function followSpec(spec: KeySpec, args: Args, out: KeyPositions, base: number): boolean {
  if ((spec.flags & KEY_NOT_KEY) !== 0) return true;
  const count = args.count - base;
  let first = 0;
  if (spec.begin === BEGIN_INDEX) {
    first = spec.beginIndex;
  } else if (spec.begin === BEGIN_KEYWORD) {
    first = findKeyword(spec, args, base);
    if (first === 0) return true;
  } else {
    return false;
  }
  let last = 0;
  if (spec.find === FIND_RANGE) {
    last = lastOfRange(spec, first, count);
  } else if (spec.find === FIND_COUNTED) {
    const keyCount =
      first + spec.countIndex < count ? args.integer(base + first + spec.countIndex) : -1;
    first += spec.firstKey;
    // A negative or malformed number makes `last` smaller than `first` or NaN, which fails below.
    last = first + keyCount - 1;
  } else {
    return false;
  }
  if (!(last < count && last >= first)) return false;
  for (let i = first; i <= last; i += spec.keyStep) out.push(base + i, spec.flags);
  return (spec.flags & KEY_INCOMPLETE) === 0;
}

/** Index behind the spec's keyword, relative to `base`; 0 when the call does not have it. */
function findKeyword(spec: KeySpec, args: Args, base: number): number {
  const count = args.count - base;
  const forward = spec.beginIndex > 0;
  const start = forward ? spec.beginIndex : count + spec.beginIndex;
  // The argument at the far end is not looked at: nothing could follow the keyword there, or it is
  // the first argument, which is none.
  const end = forward ? count - 1 : 1;
  const step = start <= end ? 1 : -1;
  for (let i = start; i !== end && i >= 1 && i < count; i += step) {
    if (args.is(base + i, spec.keywordLower)) return i + 1;
  }
  return 0;
}

function lastOfRange(spec: KeySpec, first: number, count: number): number {
  if (spec.lastKey >= 0) return first + spec.lastKey;
  if (spec.limit === 0) return count + spec.lastKey;
  return first + Math.trunc((count - first) / spec.limit) + spec.lastKey;
}

/** The keys from the command's first to its last key. None when the call is too short for them. */
function takeRange(command: CommandFacts, args: Args, out: KeyPositions, base: number): void {
  const count = args.count - base;
  const last = command.lastKey < 0 ? count + command.lastKey : command.lastKey;
  for (let i = command.firstKey; i <= last; i += command.keyStep) {
    if (i >= count) return out.clear();
    out.push(base + i, 0);
  }
}

const NUMKEYS_AT_1: number = KEY_FINDERS.indexOf("numkeys_at_1");
const NUMKEYS_AT_2: number = KEY_FINDERS.indexOf("numkeys_at_2");
const DESTINATION_NUMKEYS_AT_2: number = KEY_FINDERS.indexOf("destination_numkeys_at_2");
const BITFIELD: number = KEY_FINDERS.indexOf("bitfield");
const GEORADIUS: number = KEY_FINDERS.indexOf("georadius");
const MIGRATE: number = KEY_FINDERS.indexOf("migrate");
const SET: number = KEY_FINDERS.indexOf("set");
const SORT: number = KEY_FINDERS.indexOf("sort");
const SORT_RO: number = KEY_FINDERS.indexOf("sort_ro");
const XREAD: number = KEY_FINDERS.indexOf("xread");

function findKeys(finder: number, args: Args, out: KeyPositions, base: number): void {
  if (finder === SET) setKeys(args, out, base);
  else if (finder === NUMKEYS_AT_1) countedKeys(args, out, base, 1);
  else if (finder === NUMKEYS_AT_2) countedKeys(args, out, base, 2);
  else if (finder === DESTINATION_NUMKEYS_AT_2) {
    countedKeys(args, out, base, 2);
    // The destination comes last, and only when there are sources.
    if (out.count > 0) out.push(base + 1, 0);
  } else if (finder === XREAD) xreadKeys(args, out, base);
  else if (finder === SORT) sortKeys(args, out, base);
  else if (finder === SORT_RO) out.push(base + 1, KEY_RO | KEY_ACCESS);
  else if (finder === GEORADIUS) georadiusKeys(args, out, base);
  else if (finder === MIGRATE) migrateKeys(args, out, base);
  else if (finder === BITFIELD) bitfieldKeys(args, out, base);
}

/** Keys behind a count at argument `countAt`. */
function countedKeys(args: Args, out: KeyPositions, base: number, countAt: number): void {
  const first = countAt + 1;
  const keyCount = leadingInt32(args, base + countAt);
  if (keyCount < 1 || keyCount > args.count - base - first) return;
  for (let i = 0; i < keyCount; i++) out.push(base + first + i, 0);
}

/** SET overwrites its key; with GET it also returns the old value. */
function setKeys(args: Args, out: KeyPositions, base: number): void {
  for (let i = base + 3; i < args.count; i++) {
    if (args.is(i, "get")) return out.push(base + 1, KEY_RW | KEY_ACCESS | KEY_UPDATE);
  }
  out.push(base + 1, KEY_OW | KEY_UPDATE);
}

/** BITFIELD only reads when all of its operations are GET. */
function bitfieldKeys(args: Args, out: KeyPositions, base: number): void {
  let readOnly = true;
  for (let i = base + 2; i < args.count && readOnly; i++) {
    const left = args.count - i - 1;
    if (args.is(i, "get") && left >= 2) i += 2;
    else if (args.is(i, "overflow") && left >= 1) i += 1;
    else readOnly = false;
  }
  out.push(base + 1, readOnly ? KEY_RO | KEY_ACCESS : KEY_RW | KEY_ACCESS | KEY_UPDATE);
}

/** The sorted key, and the argument of the last STORE. */
function sortKeys(args: Args, out: KeyPositions, base: number): void {
  out.push(base + 1, KEY_RO | KEY_ACCESS);
  let store = 0;
  for (let i = base + 2; i < args.count; i++) {
    if (args.is(i, "limit")) i += 2;
    else if (args.is(i, "get") || args.is(i, "by")) i += 1;
    // The stored key is not skipped: the next round takes it for an option, as Redis does.
    else if (args.is(i, "store") && i + 1 < args.count) store = i + 1;
  }
  if (store !== 0) out.push(store, KEY_OW | KEY_UPDATE);
}

/** One key at argument 3, or those behind KEYS when argument 3 is empty. */
function migrateKeys(args: Args, out: KeyPositions, base: number): void {
  const flags = KEY_RW | KEY_ACCESS | KEY_DELETE;
  for (let i = base + 6; i < args.count; i++) {
    if (args.is(i, "keys")) {
      if (args.length[base + 3] > 0) return;
      for (let j = i + 1; j < args.count; j++) out.push(j, flags);
      return;
    }
    if (args.is(i, "auth")) i += 1;
    else if (args.is(i, "auth2")) i += 2;
  }
  out.push(base + 3, flags);
}

/** The searched key, and the argument of the last STORE or STOREDIST. */
function georadiusKeys(args: Args, out: KeyPositions, base: number): void {
  let store = 0;
  for (let i = base + 5; i + 1 < args.count; i++) {
    if (args.is(i, "store") || args.is(i, "storedist")) store = ++i;
  }
  out.push(base + 1, 0);
  if (store !== 0) out.push(store, 0);
}

/** The first half of what follows STREAMS, which is searched as an option: it can be a name too. */
function xreadKeys(args: Args, out: KeyPositions, base: number): void {
  for (let i = base + 1; i < args.count; i++) {
    if (args.is(i, "block") || args.is(i, "count")) i += 1;
    else if (args.is(i, "group")) i += 2;
    else if (args.is(i, "streams")) {
      const left = args.count - i - 1;
      if (left % 2 !== 0) return;
      for (let j = 1; j <= left / 2; j++) out.push(i + j, 0);
      return;
    } else if (!args.is(i, "noack")) return;
  }
}

/**
 * The integer that argument `index` starts with, as C's atoi reads it: white space, a sign, digits,
 * then anything; 0 without digits; wrapped to 32 bits unless it leaves 64.
 */
function leadingInt32(args: Args, index: number): number {
  const { bytes } = args;
  let i = args.offset[index];
  const end = i + args.length[index];
  while (i < end && (bytes[i] === 32 || (bytes[i] >= 9 && bytes[i] <= 13))) i++;
  const negative = i < end && bytes[i] === 45;
  if (i < end && (negative || bytes[i] === 43)) i++;
  let wrapped = 0;
  let magnitude = 0;
  for (; i < end && bytes[i] >= 48 && bytes[i] <= 57; i++) {
    const digit = bytes[i] - 48;
    wrapped = (Math.imul(wrapped, 10) + digit) | 0;
    magnitude = magnitude * 10 + digit;
  }
  if (magnitude >= TWO_TO_THE_63) return negative ? 0 : -1;
  return negative ? -wrapped | 0 : wrapped;
}
