// Keys in RDB files: the expiry and how much the key is used, each behind an opcode of its own if
// there is something to say, then the kind of the value, the key, the value.
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { STRING } from "../keyspace/types.ts";
import { NONE, type Ref, SEGMENT_SHIFT } from "../memory/arena.ts";
import {
  expiryHigh,
  expiryLow,
  expiryMs,
  keyLength,
  keyOffset,
  setExpiry64,
  setExpiryMs,
} from "../memory/entry.ts";
import type { Strings } from "../types/strings.ts";
import { OPCODE_EXPIRETIME, OPCODE_EXPIRETIME_MS, OPCODE_FREQ, OPCODE_IDLE } from "./rdb-format.ts";
import type { RdbReader } from "./rdb-reader.ts";
import type { LoadedValue } from "./rdb-types.ts";
import type { RdbWriter } from "./rdb-writer.ts";

/** Which use of keys is written: the eviction policy decides. */
export type SavedUse = "none" | "idle" | "frequency";

/** What `maxmemory-policy` makes worth saving. */
export function savedUse(maxmemoryPolicy: string): SavedUse {
  if (maxmemoryPolicy.endsWith("lru")) return "idle";
  return maxmemoryPolicy.endsWith("lfu") ? "frequency" : "none";
}

/** Writes a key with all that belongs to it. */
export function saveKey(
  writer: RdbWriter,
  keyspace: Keyspace,
  strings: Strings,
  db: Database,
  entry: Ref,
  use: SavedUse,
): void {
  const { arena, rdbTypes } = keyspace;
  if (expiryMs(arena, entry) >= 0) {
    writer.byte(OPCODE_EXPIRETIME_MS);
    writer.int64(expiryHigh(arena, entry), expiryLow(arena, entry));
  }
  if (use === "idle") {
    writer.byte(OPCODE_IDLE);
    writer.length(db.idleSeconds(entry));
  } else if (use === "frequency") {
    writer.byte(OPCODE_FREQ);
    writer.byte(db.lfuCounter(entry));
  }
  writer.byte(rdbTypes.kindOf(db, entry));
  const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
  writer.string(bytes, keyOffset(arena, entry), keyLength(arena, entry));
  rdbTypes.save(writer, strings, db, entry);
}

/** What became of a key that was read. */
export type LoadedKey = "added" | "expired" | "empty" | "duplicate" | "failed";

/**
 * Reads keys. `attribute` takes what stands in front of a key, `load` the key itself, and forgets
 * the attributes then.
 */
export class KeyLoader {
  readonly #keyspace: Keyspace;
  readonly #strings: Strings;
  /** Keys that exist are replaced instead of making the load fail (DEBUG RELOAD MERGE). */
  replaces = false;
  /** Keys whose time is over are left out: true on a primary. */
  dropsExpired = true;
  /** The key read last: key[0, keyLength). */
  key: Uint8Array = new Uint8Array(64);
  keyLength = 0;
  #view: DataView = new DataView(this.key.buffer);
  #expires = false;
  #expiryMs = 0;
  #expiryHigh = 0;
  #expiryLow = 0;
  #idleSeconds = -1;
  #frequency = -1;

  constructor(keyspace: Keyspace, strings: Strings) {
    this.#keyspace = keyspace;
    this.#strings = strings;
  }

  /** Takes the attribute behind `opcode`; false when the opcode is that of something else. */
  attribute(opcode: number, reader: RdbReader): boolean {
    switch (opcode) {
      case OPCODE_EXPIRETIME_MS:
        this.#setExpiry(reader.int64(), reader.high, reader.low);
        return true;
      case OPCODE_EXPIRETIME: {
        const ms = reader.int32() * 1000;
        this.#setExpiry(ms, Math.floor(ms / 4294967296), ms | 0);
        return true;
      }
      case OPCODE_IDLE:
        this.#idleSeconds = reader.length();
        return true;
      case OPCODE_FREQ:
        this.#frequency = reader.byte();
        return true;
      default:
        return false;
    }
  }

  #setExpiry(ms: number, high: number, low: number): void {
    this.#expires = ms !== -1;
    this.#expiryMs = ms;
    this.#expiryHigh = high;
    this.#expiryLow = low;
  }

  /** Reads the key and the value of the kind `rdbType` into a database. */
  load(reader: RdbReader, rdbType: number, db: Database): LoadedKey {
    const result = this.#load(reader, rdbType, db);
    this.#expires = false;
    this.#idleSeconds = -1;
    this.#frequency = -1;
    return result;
  }

  #load(reader: RdbReader, rdbType: number, db: Database): LoadedKey {
    const { rdbTypes, nowMs } = this.#keyspace;
    if (!reader.string()) return "failed";
    this.#takeKey(reader);
    const { loaded } = rdbTypes;
    if (!rdbTypes.load(reader, rdbType, loaded)) return reader.emptyValue ? "empty" : "failed";
    if (this.#expires && this.dropsExpired && this.#expiryMs < nowMs) {
      this.#free(loaded);
      return "expired";
    }
    const existing = db.findAny(this.#view, 0, this.keyLength);
    if (existing !== NONE) {
      if (!this.replaces) {
        this.#free(loaded);
        return "duplicate";
      }
      db.removeEntry(existing, db.lastHash, false);
    }
    this.#add(db, loaded);
    return "added";
  }

  #takeKey(reader: RdbReader): void {
    if (this.key.length < reader.size) {
      this.key = new Uint8Array(reader.size * 2);
      this.#view = new DataView(this.key.buffer);
    }
    this.key.set(reader.bytes.subarray(reader.offset, reader.offset + reader.size));
    this.keyLength = reader.size;
  }

  #free(loaded: LoadedValue): void {
    if (loaded.type === STRING) return;
    this.#keyspace.freeValue(loaded.type, loaded.value, loaded.encoding, false);
  }

  #add(db: Database, loaded: LoadedValue): void {
    const { arena, lfu } = this.#keyspace;
    const at = this.#expires ? Math.max(0, this.#expiryMs) : -1;
    const entry = addLoaded(this.#strings, db, this.key, 0, this.keyLength, loaded, at);
    if (at > Number.MAX_SAFE_INTEGER) {
      setExpiry64(arena, entry, this.#expiryHigh, this.#expiryLow);
    }
    if (lfu && this.#frequency >= 0) db.setFrequency(entry, this.#frequency);
    else if (!lfu && this.#idleSeconds >= 0) db.setIdleSeconds(entry, this.#idleSeconds);
    db.arrived(entry, db.lastHash);
  }
}

/**
 * Makes a key of a loaded value. It was looked up just before and is not there. `atMs`: expiry, -1
 * for none; beyond 2^53 it is rounded.
 */
export function addLoaded(
  strings: Strings,
  db: Database,
  bytes: Uint8Array,
  offset: number,
  length: number,
  loaded: LoadedValue,
  atMs: number,
): Ref {
  const { type, encoding, value } = loaded;
  if (type === STRING) {
    const text = loaded.bytes;
    const { offset: start, length: size } = loaded;
    return strings.setKey(db, bytes, offset, length, NONE, text, start, size, atMs);
  }
  const entry = db.newEntry(bytes, offset, length, 0, atMs >= 0, type, encoding, value);
  if (atMs >= 0) setExpiryMs(db.keyspace.arena, entry, atMs);
  db.insertNew(entry);
  return entry;
}
