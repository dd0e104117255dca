// One database: keys → values, with expiry. Keys are entries (entry.ts) of one dict; those with a
// time to live are also in a second dict that shares the same entries, for the expiry cycle and the
// volatile-* eviction policies.
//
// Handlers find a key by its argument (`read`, `write`), look at `typeOf`, and change it. A find
// remembers the key's hash (`lastHash`), so that adding, moving or removing the same key right
// after does not hash it again. An entry moves when it must grow: methods that may move it answer
// with the new reference, and handlers never keep one across commands. Only the database itself does, for
// keys that come again (recent-keys.ts): whoever takes an entry out of the dict, or moves it, goes through
// `unlink`, `replaceEntry`, `entryMoved`, `clear` or `swap`, which forget it.
//
// It is one class because finding, moving and removing a key have to keep the same three in step: the dict
// of all keys, that of the volatile ones, and the keys remembered.
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import {
  copyExpiry,
  expiryMs,
  HAS_EXPIRY,
  HAS_VALUE,
  hasKey,
  KEY_LENGTH_MASK,
  keyLength,
  keyOffset,
  keyStart,
  setExpiryMs,
  tailOffset,
} from "../memory/entry.ts";
import type { Args } from "../resp/args.ts";
import { copyBytes } from "../util/copy.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import { NOTIFY_EXPIRED, NOTIFY_KEY_MISS, NOTIFY_NEW } from "./events.ts";
import type { Keyspace } from "./keyspace.ts";
import { FreeDictJob } from "./lazy-free.ts";
import {
  comesAgain,
  endsAlike,
  forgetKey,
  keyEnd,
  makeRecentKeys,
  recentEntry,
  recentHash,
  rememberKey,
} from "./recent-keys.ts";
import { INT, STRING } from "./types.ts";

const META = 1;
const VALUE = 2;
const LFU_INIT = 5;
const ACCESS_CLOCK_MAX = 0xffffff;

export class Database {
  readonly index: number;
  readonly keyspace: Keyspace;
  dict: Ref;
  expires: Ref;
  /** The hashes with fields that have a time to live, those first whose next field expires first. */
  fieldExpiries: Ref = NONE;
  /** The hash of the key that was looked up last. */
  lastHash = 0;
  /** Sum of the remaining times that the expiry cycle saw, for INFO's avg_ttl. */
  averageTtlMs: number = WIDE_ZERO;
  /** Where the expiry cycle goes on in `expires`. */
  expireCursor: number = WIDE_ZERO;
  readonly #recent: Int32Array = makeRecentKeys();
  /** It had keys before it was cleared at once. */
  #hadKeys = false;

  constructor(index: number, keyspace: Keyspace) {
    this.index = index;
    this.keyspace = keyspace;
    this.dict = keyspace.dicts.create();
    this.expires = keyspace.dicts.create();
  }

  /** Number of keys, expired ones that are still there included. */
  get size(): number {
    return this.keyspace.dicts.count(this.dict);
  }

  /**
   * It has or had keys, and was not cleared in the background since. Redis makes a table for a database
   * with its first key, and then keeps it; MEMORY STATS lists those that have one.
   */
  get hasTable(): boolean {
    return this.#hadKeys || this.keyspace.dicts.pageAt(this.dict, 0) !== NONE;
  }

  /** It has had no key since it was cleared last: there is nothing to free. */
  get #isUntouched(): boolean {
    const { dicts } = this.keyspace;
    if (dicts.pageAt(this.dict, 0) !== NONE || dicts.pageAt(this.expires, 0) !== NONE) return false;
    return this.fieldExpiries === NONE;
  }

  /** Number of keys that have a time to live. */
  get volatileCount(): number {
    return this.keyspace.dicts.count(this.expires);
  }

  /** Number of hashes that have fields with a time to live. */
  get volatileHashCount(): number {
    const { keyspace, fieldExpiries } = this;
    return fieldExpiries === NONE ? 0 : keyspace.expiryHeaps.count(fieldExpiries);
  }

  // -- finding ------------------------------------------------------------------------------------

  /** The key in argument i for reading: counts a hit or miss and the use of the key. */
  read(args: Args, i: number): Ref {
    const entry = this.find(args.view, args.offset[i], args.length[i]);
    const { keyspace } = this;
    if (entry === NONE) {
      keyspace.misses++;
      keyspace.listener.keyEvent(
        NOTIFY_KEY_MISS,
        "keymiss",
        this.index,
        args.bytes,
        args.offset[i],
        args.length[i],
      );
      return NONE;
    }
    keyspace.hits++;
    if (!keyspace.noTouch) this.touch(entry);
    return entry;
  }

  /** As `read`, but the key does not count as used: EXISTS, TYPE, TTL. */
  inspect(args: Args, i: number): Ref {
    const { keyspace } = this;
    const { noTouch } = keyspace;
    keyspace.noTouch = true;
    const entry = this.read(args, i);
    keyspace.noTouch = noTouch;
    return entry;
  }

  /** As `inspect`, without the notification of a miss: OBJECT. */
  inspectQuietly(args: Args, i: number): Ref {
    const entry = this.peek(args, i);
    if (entry === NONE) this.keyspace.misses++;
    else this.keyspace.hits++;
    return entry;
  }

  /** The key in argument i for writing: counts its use, but no hit or miss. */
  write(args: Args, i: number): Ref {
    const entry = this.find(args.view, args.offset[i], args.length[i]);
    if (entry !== NONE && !this.keyspace.noTouch) this.touch(entry);
    return entry;
  }

  /** The key in argument i without counting anything (OBJECT, TTL, DEBUG …). */
  peek(args: Args, i: number): Ref {
    return this.find(args.view, args.offset[i], args.length[i]);
  }

  /** The key in argument i was the last one with its end: it is probably found without its hash. */
  comesAgain(args: Args, i: number): boolean {
    return endsAlike(this.#recent, keyEnd(args.view, args.offset[i], args.length[i]));
  }

  /** The entry of a key, even if its time is over, or NONE. */
  findAny(view: DataView, offset: number, length: number): Ref {
    const { dicts } = this.keyspace;
    this.lastHash = dicts.hash(view, offset, length);
    return dicts.find(this.dict, this.lastHash, view, offset, length);
  }

  /** The live entry of a key, or NONE. A key whose time is over is removed on the way. */
  find(view: DataView, offset: number, length: number): Ref {
    const { arena } = this.keyspace;
    const end = keyEnd(view, offset, length);
    const entry = comesAgain(this.#recent, end)
      ? this.#findAgain(end, view, offset, length)
      : this.findAny(view, offset, length);
    if (entry === NONE) return NONE;
    const word0 = arena.i32[entry >>> SEGMENT_SHIFT][(entry & GRANULE_MASK) << 1];
    return word0 < 0 && this.#goneByTime(entry, this.lastHash) ? NONE : entry;
  }

  #findAgain(end: number, view: DataView, offset: number, length: number): Ref {
    const recent = this.#recent;
    const known = recentEntry(recent, end);
    if (known !== NONE && hasKey(this.keyspace.arena, known, view, offset, length)) {
      this.lastHash = recentHash(recent, end);
      return known;
    }
    const entry = this.findAny(view, offset, length);
    rememberKey(recent, end, entry, this.lastHash);
    return entry;
  }

  /** After `realloc` moved an entry and freed the old block: the dicts follow. */
  entryMoved(entry: Ref, moved: Ref): void {
    const { arena, dicts } = this.keyspace;
    const hash = dicts.hashOf(moved);
    forgetKey(this.#recent, arena, entry, moved);
    dicts.replace(this.dict, hash, entry, moved);
    // The flags are read from the new block.
    if (expiryMs(arena, moved) >= 0) dicts.replace(this.expires, hash, entry, moved);
  }

  /** True when the entry's time is over (on a replica it may still be there). */
  isExpired(entry: Ref): boolean {
    const at = expiryMs(this.keyspace.arena, entry);
    return at >= 0 && this.keyspace.nowMs > at;
  }

  #goneByTime(entry: Ref, hash: number): boolean {
    if (this.isValid(entry)) return false;
    this.removeIfExpired(entry, hash);
    return true;
  }

  /** True when the key can be used: it never expires, or not yet, or its user does not care. */
  isValid(entry: Ref): boolean {
    return !this.keyspace.lookupExpires || !this.isExpired(entry);
  }

  /** Removes the key if its time is over and this node may do that. Answers with whether it did. */
  removeIfExpired(entry: Ref, hash: number): boolean {
    const { keyspace } = this;
    if (this.isValid(entry) || !keyspace.deletesExpired || keyspace.expiryPaused) return false;
    this.expire(entry, hash);
    return true;
  }

  /** Removes a key whose time is over, and tells everybody. */
  expire(entry: Ref, hash: number): void {
    const { keyspace } = this;
    const { arena, listener } = keyspace;
    const segment = entry >>> SEGMENT_SHIFT;
    const bytes = arena.u8[segment];
    const offset = keyOffset(arena, entry);
    const length = keyLength(arena, entry);
    keyspace.expiredKeys++;
    listener.keyExpired(this.index, bytes, offset, length);
    listener.keyEvent(NOTIFY_EXPIRED, "expired", this.index, bytes, offset, length);
    listener.keyModified(this.index, bytes, offset, length, false);
    this.removeEntry(entry, hash, keyspace.lazyExpire);
  }

  /** Notes that the key is used now: the access clock, or LFU's counter. */
  touch(entry: Ref): void {
    const { keyspace } = this;
    const words = keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const at = ((entry & GRANULE_MASK) << 1) + META;
    if (keyspace.lfu) {
      const counter = this.#lfuIncrement(this.lfuCounter(entry));
      words[at] = (words[at] & 0xff) | (counter << 8) | (keyspace.lfuMinutes() << 16);
    } else {
      words[at] = (words[at] & 0xff) | (keyspace.lruClock << 8);
    }
  }

  /** LFU's counter of a key after the decay for the time it was not used. */
  lfuCounter(entry: Ref): number {
    return this.lfuCounterOf(this.accessClock(entry));
  }

  lfuCounterOf(clock: number): number {
    const { keyspace } = this;
    const counter = clock & 0xff;
    if (keyspace.lfuDecayMinutes === 0) return counter;
    const elapsed = (keyspace.lfuMinutes() - (clock >>> 8)) & 0xffff;
    return Math.max(0, counter - Math.floor(elapsed / keyspace.lfuDecayMinutes));
  }

  #lfuIncrement(counter: number): number {
    if (counter === 255) return 255;
    const base = Math.max(0, counter - LFU_INIT);
    const probability = 1 / (base * this.keyspace.lfuLogFactor + 1);
    return this.keyspace.prng.double() < probability ? counter + 1 : counter;
  }

  /** The 24 bits of access clock (LRU seconds, or LFU minutes << 8 | counter). */
  accessClock(entry: Ref): number {
    const words = this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    return words[((entry & GRANULE_MASK) << 1) + META] >>> 8;
  }

  /** Seconds since the key was used last, when no LFU policy is selected. */
  idleSeconds(entry: Ref): number {
    return this.idleSecondsOf(this.accessClock(entry));
  }

  idleSecondsOf(used: number): number {
    const now = this.keyspace.lruClock;
    return now >= used ? now - used : now + (ACCESS_CLOCK_MAX - used);
  }

  /** Lets the key look unused for so many seconds, when no LFU policy is selected. */
  setIdleSeconds(entry: Ref, seconds: number): void {
    const used = this.keyspace.lruClock - seconds;
    this.setAccessClock(entry, (used < 0 ? used + ACCESS_CLOCK_MAX : used) & ACCESS_CLOCK_MAX);
  }

  /** Sets the counter of an LFU policy. */
  setFrequency(entry: Ref, counter: number): void {
    this.setAccessClock(entry, (this.keyspace.lfuMinutes() << 8) | counter);
  }

  setAccessClock(entry: Ref, clock: number): void {
    const words = this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const at = ((entry & GRANULE_MASK) << 1) + META;
    words[at] = (words[at] & 0xff) | (clock << 8);
  }

  /** The access clock of a key that is made now. */
  #freshClock(): number {
    const { keyspace } = this;
    return keyspace.lfu ? (keyspace.lfuMinutes() << 8) | LFU_INIT : keyspace.lruClock;
  }

  // -- looking at an entry --------------------------------------------------------------------------

  typeOf(entry: Ref): number {
    const words = this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    return words[((entry & GRANULE_MASK) << 1) + META] & 0xf;
  }

  encodingOf(entry: Ref): number {
    const words = this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    return (words[((entry & GRANULE_MASK) << 1) + META] >>> 4) & 0xf;
  }

  /** The value's reference (any type but string). */
  valueOf(entry: Ref): Ref {
    return this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT][((entry & GRANULE_MASK) << 1) + VALUE];
  }

  /** Replaces the value's reference and encoding; the type stays. */
  setValue(entry: Ref, value: Ref, encoding: number): void {
    const words = this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const at = (entry & GRANULE_MASK) << 1;
    words[at + META] = (words[at + META] & ~0xf0) | (encoding << 4);
    words[at + VALUE] = value;
  }

  /** Absolute expiry in ms, -1 for none. */
  expiryOf(entry: Ref): number {
    return expiryMs(this.keyspace.arena, entry);
  }

  // -- changing -------------------------------------------------------------------------------------

  /** Adds the key in argument i, which was just looked up and is not there, with a value. */
  add(args: Args, i: number, type: number, encoding: number, value: Ref): Ref {
    return this.addKey(args.bytes, args.offset[i], args.length[i], type, encoding, value);
  }

  /** As `add`, for a key anywhere. The key's hash must be `lastHash`. */
  addKey(
    bytes: Uint8Array,
    offset: number,
    length: number,
    type: number,
    encoding: number,
    value: Ref,
  ): Ref {
    const entry = this.newEntry(bytes, offset, length, 0, false, type, encoding, value);
    this.insertNew(entry);
    return entry;
  }

  /**
   * Gives the key in argument i a value as a whole, whatever it was before; it has no expiry then.
   * For commands with a destination, and not for strings.
   */
  store(args: Args, i: number, type: number, encoding: number, value: Ref): Ref {
    const entry = this.write(args, i);
    const hash = this.lastHash;
    let made: Ref;
    if (entry === NONE) {
      made = this.add(args, i, type, encoding, value);
    } else {
      this.departing(entry, hash);
      const { bytes, offset, length } = args;
      made = this.newEntry(bytes, offset[i], length[i], 0, false, type, encoding, value);
      // Under LFU an overwritten key keeps its counter, as in Redis.
      if (this.keyspace.lfu) this.setAccessClock(made, this.accessClock(entry));
      this.replaceEntry(hash, entry, made);
      this.freeEntry(entry);
    }
    this.arrived(made, hash);
    return made;
  }

  /** Makes an entry that is in no dict yet, with `tailBytes` behind its key. */
  newEntry(
    bytes: Uint8Array,
    offset: number,
    length: number,
    tailBytes: number,
    withExpiry: boolean,
    type: number,
    encoding: number,
    value: number,
  ): Ref {
    const { arena } = this.keyspace;
    const start = withExpiry ? 20 : 12;
    const entry = arena.alloc(start + length + tailBytes);
    const segment = entry >>> SEGMENT_SHIFT;
    const words = arena.i32[segment];
    const at = (entry & GRANULE_MASK) << 1;
    words[at] = length | HAS_VALUE | (withExpiry ? HAS_EXPIRY : 0);
    words[at + META] = type | (encoding << 4) | (this.#freshClock() << 8);
    words[at + VALUE] = value;
    copyBytes(arena.u8[segment], (at << 2) + start, bytes, offset, length);
    return entry;
  }

  /** Puts a new entry, made for the key looked up last, into the dict. */
  insertNew(entry: Ref): void {
    const { arena, dicts, listener } = this.keyspace;
    dicts.insert(this.dict, this.lastHash, entry);
    if (expiryMs(arena, entry) >= 0) dicts.insert(this.expires, this.lastHash, entry);
    if (this.keyspace.loading) return;
    listener.keyEvent(
      NOTIFY_NEW,
      "new",
      this.index,
      arena.u8[entry >>> SEGMENT_SHIFT],
      keyOffset(arena, entry),
      keyLength(arena, entry),
    );
  }

  /** The entry of a key moved or was remade: both dicts follow. The old block is not freed. */
  replaceEntry(hash: number, entry: Ref, moved: Ref): void {
    const { arena, dicts } = this.keyspace;
    const had = expiryMs(arena, entry) >= 0;
    const has = expiryMs(arena, moved) >= 0;
    forgetKey(this.#recent, arena, entry, moved);
    dicts.replace(this.dict, hash, entry, moved);
    if (had && has) dicts.replace(this.expires, hash, entry, moved);
    else if (had) dicts.remove(this.expires, hash, entry);
    else if (has) dicts.insert(this.expires, hash, moved);
  }

  /**
   * Takes the key out and frees entry and value; `lazy`: a large value in the background. Silent: the
   * caller notifies.
   */
  removeEntry(entry: Ref, hash: number, lazy: boolean = this.keyspace.lazyServerDel): void {
    this.unlink(entry, hash);
    this.freeEntry(entry, lazy);
  }

  /** Takes the key out of the dicts and frees nothing. */
  unlink(entry: Ref, hash: number): void {
    const { arena, dicts } = this.keyspace;
    this.departing(entry, hash);
    if (expiryMs(arena, entry) >= 0) dicts.remove(this.expires, hash, entry);
    forgetKey(this.#recent, arena, entry, entry);
    dicts.remove(this.dict, hash, entry);
  }

  /** Frees an entry that is in no dict any more, with its value. */
  freeEntry(entry: Ref, lazy: boolean = this.keyspace.lazyServerDel): void {
    const type = this.typeOf(entry);
    if (type !== STRING) {
      this.keyspace.freeValue(type, this.valueOf(entry), this.encodingOf(entry), lazy);
    }
    this.keyspace.arena.free(entry);
  }

  #freeFound(entry: Ref): void {
    const type = this.typeOf(entry);
    if (type !== STRING) {
      this.keyspace.freeFoundValue(type, this.valueOf(entry), this.encodingOf(entry));
    }
    this.keyspace.arena.free(entry);
  }

  /**
   * A new entry, in no dict yet, for the key bytes[offset, offset+length): with the type, encoding,
   * expiry and value of `entry`. The value of a string is copied; that of another type is `value`,
   * the same one or a copy.
   */
  entryLike(entry: Ref, bytes: Uint8Array, offset: number, length: number, value: Ref): Ref {
    const { arena } = this.keyspace;
    const type = this.typeOf(entry);
    const encoding = this.encodingOf(entry);
    const expires = expiryMs(arena, entry) >= 0;
    const oldKeyEnd = tailOffset(arena, entry) - ((entry & GRANULE_MASK) << 3);
    const newKeyEnd = (expires ? 20 : 12) + length;
    // A string's integer is word-aligned behind the key, so its distance depends on the key's length.
    const integer = type === STRING && encoding === INT;
    const from = integer ? (oldKeyEnd + 3) & ~3 : oldKeyEnd;
    const to = integer ? (newKeyEnd + 3) & ~3 : newKeyEnd;
    const tail = type === STRING ? this.entryBytes(entry) - from : 0;
    const room = to - newKeyEnd + tail;
    const stored = type === STRING ? this.valueOf(entry) : value;
    const made = this.newEntry(bytes, offset, length, room, expires, type, encoding, stored);
    if (expires) copyExpiry(arena, entry, made);
    copyBytes(
      arena.u8[made >>> SEGMENT_SHIFT],
      ((made & GRANULE_MASK) << 3) + to,
      arena.u8[entry >>> SEGMENT_SHIFT],
      ((entry & GRANULE_MASK) << 3) + from,
      tail,
    );
    return made;
  }

  /** Tells those who care that a value has come to this key as a whole. */
  arrived(entry: Ref, hash: number): void {
    this.keyspace.arrivals[this.typeOf(entry)]?.(this, entry, hash);
  }

  /** Tells those who care that the value leaves its key: before it is removed or overwritten. */
  departing(entry: Ref, hash: number): void {
    this.keyspace.departures[this.typeOf(entry)]?.(this, entry, hash);
  }

  /** Removes all keys; `lazy`: they are freed in the background. Answers with how many there were. */
  clear(lazy: boolean): number {
    const { keyspace } = this;
    const { dicts } = keyspace;
    const { dict, expires, size } = this;
    this.#hadKeys = !lazy && this.hasTable;
    this.averageTtlMs = 0;
    this.expireCursor = 0;
    if (this.#isUntouched) return 0;
    if (this.fieldExpiries !== NONE) keyspace.expiryHeaps.destroy(this.fieldExpiries);
    this.#recent.fill(0);
    this.dict = dicts.create();
    this.expires = dicts.create();
    this.fieldExpiries = NONE;
    if (lazy) {
      keyspace.lazyFree.add(new FreeDictJob(dicts, expires, () => {}), 0);
      keyspace.lazyFree.add(new FreeDictJob(dicts, dict, (entry) => this.#freeFound(entry)), size);
    } else {
      dicts.destroy(expires, () => {});
      dicts.destroy(dict, (entry) => this.freeEntry(entry, false));
    }
    return size;
  }

  /** Exchanges the keys of two databases (SWAPDB). */
  swap(other: Database): void {
    const { dict, expires, fieldExpiries, averageTtlMs, expireCursor } = this;
    this.#recent.fill(0);
    other.#recent.fill(0);
    const hadKeys = this.#hadKeys;
    this.#hadKeys = other.#hadKeys;
    other.#hadKeys = hadKeys;
    this.dict = other.dict;
    this.expires = other.expires;
    this.fieldExpiries = other.fieldExpiries;
    this.averageTtlMs = other.averageTtlMs;
    this.expireCursor = other.expireCursor;
    other.dict = dict;
    other.expires = expires;
    other.fieldExpiries = fieldExpiries;
    other.averageTtlMs = averageTtlMs;
    other.expireCursor = expireCursor;
  }

  /** Sets or changes the key's expiry; answers with the entry, which may have moved. */
  setExpiry(entry: Ref, hash: number, atMs: number): Ref {
    const { arena } = this.keyspace;
    if (expiryMs(arena, entry) >= 0) {
      setExpiryMs(arena, entry, atMs);
      return entry;
    }
    const moved = this.#remake(entry, true);
    setExpiryMs(arena, moved, atMs);
    this.replaceEntry(hash, entry, moved);
    arena.free(entry);
    return moved;
  }

  /** Removes the key's expiry, which it must have; answers with the entry, which moves. */
  clearExpiry(entry: Ref, hash: number): Ref {
    const moved = this.#remake(entry, false);
    this.replaceEntry(hash, entry, moved);
    this.keyspace.arena.free(entry);
    return moved;
  }

  /** A copy of the entry's block with or without room for an expiry. */
  #remake(entry: Ref, withExpiry: boolean): Ref {
    const { arena } = this.keyspace;
    const size = this.entryBytes(entry);
    const segment = entry >>> SEGMENT_SHIFT;
    const words = arena.i32[segment];
    const at = (entry & GRANULE_MASK) << 1;
    const from = keyStart(words[at]);
    const to = withExpiry ? 20 : 12;
    const moved = arena.alloc(size - from + to);
    const movedAt = (moved & GRANULE_MASK) << 1;
    const movedWords = arena.i32[moved >>> SEGMENT_SHIFT];
    movedWords[movedAt] = withExpiry ? words[at] | HAS_EXPIRY : words[at] & ~HAS_EXPIRY;
    movedWords[movedAt + META] = words[at + META];
    movedWords[movedAt + VALUE] = words[at + VALUE];
    copyBytes(
      arena.u8[moved >>> SEGMENT_SHIFT],
      (movedAt << 2) + to,
      arena.u8[segment],
      (at << 2) + from,
      size - from,
    );
    return moved;
  }

  /** Payload bytes in use: head, key, and a string's value. */
  entryBytes(entry: Ref): number {
    const words = this.keyspace.arena.i32[entry >>> SEGMENT_SHIFT];
    const at = (entry & GRANULE_MASK) << 1;
    const keyEnd = keyStart(words[at]) + (words[at] & KEY_LENGTH_MASK);
    const meta = words[at + META];
    if ((meta & 0xf) !== STRING) return keyEnd;
    if (((meta >>> 4) & 0xf) === INT) return ((keyEnd + 3) & ~3) + 8;
    return keyEnd + words[at + VALUE];
  }
}
