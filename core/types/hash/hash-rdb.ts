// Hashes in RDB files and DUMP payloads: listpacks as they are, dicts field by field. With times to
// live, the smallest of them comes first and the others are told relative to it, plus one: 0 is none.
// The older kinds (absolute times, ziplists, zipmaps) are read.
import { HASH, HASHTABLE, LISTPACK, LISTPACK_EX } from "../../keyspace/types.ts";
import { type Arena, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import {
  LP_END,
  LP_HEADER_BYTES,
  lpBytes,
  lpInteger,
  lpIsInteger,
  lpLength,
  lpSkip,
  lpValidate,
} from "../../memory/listpack.ts";
import {
  RDB_HASH,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX,
  RDB_HASH_LISTPACK_EX_PRE_GA,
  RDB_HASH_METADATA,
  RDB_HASH_METADATA_PRE_GA,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
} from "../../persistence/rdb-format.ts";
import type { RdbReader } from "../../persistence/rdb-reader.ts";
import type { LoadedValue, RdbTypes } from "../../persistence/rdb-types.ts";
import type { RdbWriter } from "../../persistence/rdb-writer.ts";
import { listpackOfZiplist } from "../../persistence/ziplist.ts";
import { listpackOfZipmap } from "../../persistence/zipmap.ts";
import { copyBytes } from "../../util/copy.ts";
import { Element } from "../element.ts";
import { HashCursor } from "./hash-cursor.ts";
import { NO_EXPIRY } from "./hash-fields.ts";
import {
  dictOf,
  EX_HEAD_BYTES,
  fieldHeapOf,
  HashValue,
  initHead,
  listpackBase,
} from "./hash-value.ts";
import type { Hashes } from "./hashes.ts";

/** Redis keeps field expiry in 48 bits. */
const EXPIRY_MS_MAX: number = 2 ** 48 - 1;

export function registerHashRdb(rdbTypes: RdbTypes, hashes: Hashes, dicts: Dicts): void {
  const rdb = new HashRdb(hashes, dicts);
  const { loaders } = rdbTypes;
  rdbTypes.savers[HASH] = rdb;
  for (const kind of [RDB_HASH, RDB_HASH_METADATA, RDB_HASH_METADATA_PRE_GA]) {
    loaders[kind] = (reader, _kind, loaded) => rdb.loadFields(reader, kind, loaded);
  }
  for (const kind of [RDB_HASH_LISTPACK, RDB_HASH_LISTPACK_EX, RDB_HASH_LISTPACK_EX_PRE_GA]) {
    loaders[kind] = (reader, _kind, loaded) => rdb.loadListpack(reader, kind, loaded);
  }
  for (const kind of [RDB_HASH_ZIPLIST, RDB_HASH_ZIPMAP]) {
    loaders[kind] = (reader, _kind, loaded) => rdb.loadOld(reader, kind, loaded);
  }
}

class HashRdb {
  readonly #hashes: Hashes;
  readonly #dicts: Dicts;
  readonly #arena: Arena;
  readonly #cursor: HashCursor;
  readonly #hash: HashValue = new HashValue();
  readonly #field: Element = new Element();
  readonly #value: Element = new Element();
  /** The field in work: reading its value may overwrite the reader's bytes. */
  #fieldBytes: Uint8Array = new Uint8Array(64);
  #fieldView: DataView = new DataView(this.#fieldBytes.buffer);

  constructor(hashes: Hashes, dicts: Dicts) {
    this.#hashes = hashes;
    this.#dicts = dicts;
    this.#arena = dicts.arena;
    this.#cursor = new HashCursor(dicts);
  }

  // -- saving ---------------------------------------------------------------------------------------

  rdbType(value: Ref, encoding: number): number {
    if (encoding === LISTPACK) return RDB_HASH_LISTPACK;
    if (encoding === LISTPACK_EX) return RDB_HASH_LISTPACK_EX;
    return fieldHeapOf(this.#arena, value) === NONE ? RDB_HASH : RDB_HASH_METADATA;
  }

  save(writer: RdbWriter, value: Ref, encoding: number): void {
    const firstMs = this.#hashes.firstExpiryMs(value, encoding);
    const expires = firstMs !== Number.POSITIVE_INFINITY;
    if (expires || encoding === LISTPACK_EX) writer.milliseconds(expires ? firstMs : 0);
    if (encoding !== HASHTABLE) {
      const bytes = this.#arena.u8[value >>> SEGMENT_SHIFT];
      const base = listpackBase(value, encoding);
      writer.string(bytes, base, lpBytes(bytes, base));
      return;
    }
    writer.length(this.#dicts.count(dictOf(this.#arena, value)));
    const cursor = this.#cursor;
    cursor.start(value, encoding);
    while (cursor.next()) {
      cursor.loadValue();
      const { field, value: own, expiryMs } = cursor;
      if (expires) writer.length(expiryMs === NO_EXPIRY ? 0 : expiryMs - firstMs + 1);
      writer.string(field.bytes, field.offset, field.length);
      writer.string(own.bytes, own.offset, own.length);
    }
  }

  // -- loading --------------------------------------------------------------------------------------

  loadFields(reader: RdbReader, kind: number, loaded: LoadedValue): boolean {
    const firstMs = kind === RDB_HASH_METADATA ? reader.int64() : 1;
    const count = reader.length();
    if (reader.failed) return false;
    if (count === 0) return reader.failEmpty();
    const hash = this.#hash;
    this.#hashes.create(hash);
    if (kind !== RDB_HASH) this.#hashes.allowExpiry(hash);
    this.#hashes.expect(hash, count, 0);
    for (let i = 0; i < count; i++) {
      const ttl = kind === RDB_HASH ? 0 : reader.length();
      const expiryMs = ttl === 0 ? NO_EXPIRY : ttl + firstMs - 1;
      if (!this.#readPair(reader)) return this.#drop(reader, "");
      if (!isExpiry(expiryMs)) return this.#drop(reader, "invalid field expiry");
      if (this.#hashes.find(hash, this.#field)) return this.#drop(reader, "duplicate hash field");
      this.#hashes.add(hash, this.#field, this.#value, expiryMs);
    }
    loaded.set(HASH, hash.encoding, hash.value);
    return true;
  }

  #readPair(reader: RdbReader): boolean {
    if (!reader.string()) return false;
    const { size } = reader;
    if (size > this.#fieldBytes.length) {
      this.#fieldBytes = new Uint8Array(size * 2);
      this.#fieldView = new DataView(this.#fieldBytes.buffer);
    }
    copyBytes(this.#fieldBytes, 0, reader.bytes, reader.offset, size);
    this.#field.place(this.#fieldBytes, this.#fieldView, 0, size);
    if (!reader.string()) return false;
    // Nobody asks for the hash of a value, so the view is not used.
    this.#value.place(reader.bytes, this.#fieldView, reader.offset, reader.size);
    return true;
  }

  #drop(reader: RdbReader, error: string): false {
    this.#hashes.free(this.#hash.value, this.#hash.encoding);
    return reader.fail(error);
  }

  loadListpack(reader: RdbReader, kind: number, loaded: LoadedValue): boolean {
    // When the first field expires: told for readers that do not look inside.
    if (kind === RDB_HASH_LISTPACK_EX) reader.int64();
    if (!reader.string()) return false;
    if (reader.deep) reader.sanitizations++;
    const { bytes, offset, size } = reader;
    // Always entry by entry: everything else relies on that.
    const isSound = lpValidate(bytes, offset, size, true);
    const encoding = kind === RDB_HASH_LISTPACK ? LISTPACK : LISTPACK_EX;
    if (!isSound || !hasWholeFields(bytes, offset, encoding)) {
      return reader.fail("hash listpack integrity check failed");
    }
    return this.#take(reader, bytes, offset, encoding, loaded);
  }

  loadOld(reader: RdbReader, kind: number, loaded: LoadedValue): boolean {
    if (!reader.string()) return false;
    if (reader.deep) reader.sanitizations++;
    const { bytes, offset, size } = reader;
    const convert = kind === RDB_HASH_ZIPMAP ? listpackOfZipmap : listpackOfZiplist;
    const listpack = convert(bytes, offset, size);
    if (listpack === null || !hasWholeFields(listpack, 0, LISTPACK)) {
      return reader.fail("hash integrity check failed");
    }
    return this.#take(reader, listpack, 0, LISTPACK, loaded);
  }

  /** Makes a hash of a listpack that is sound. */
  #take(
    reader: RdbReader,
    bytes: Uint8Array,
    offset: number,
    encoding: number,
    loaded: LoadedValue,
  ): boolean {
    if (lpLength(bytes, offset) === 0) return reader.failEmpty();
    const hash = this.#hash;
    hash.hold(this.#copyIn(bytes, offset, encoding), encoding);
    const count = this.#hashes.count(hash);
    const isLarge = !this.#hashes.fitsListpackCount(count);
    if ((isLarge || reader.deep) && !this.#isDistinct(hash)) {
      return this.#drop(reader, "duplicate hash field");
    }
    if (isLarge) this.#hashes.toDict(hash);
    loaded.set(HASH, hash.encoding, hash.value);
    return true;
  }

  #copyIn(bytes: Uint8Array, offset: number, encoding: number): Ref {
    const arena = this.#arena;
    const size = lpBytes(bytes, offset);
    const value = arena.alloc(size + (encoding === LISTPACK_EX ? EX_HEAD_BYTES : 0));
    if (encoding === LISTPACK_EX) initHead(arena, value);
    const target = arena.u8[value >>> SEGMENT_SHIFT];
    target.set(bytes.subarray(offset, offset + size), listpackBase(value, encoding));
    return value;
  }

  #isDistinct({ value, encoding }: HashValue): boolean {
    const seen = new Set<string>();
    const cursor = this.#cursor;
    cursor.start(value, encoding);
    let count = 0;
    for (; cursor.next(); count++) seen.add(cursor.field.text());
    return seen.size === count;
  }
}

function isExpiry(ms: number): boolean {
  return ms === NO_EXPIRY || (ms > 0 && ms <= EXPIRY_MS_MAX);
}

/** True when every field has a value, and in a listpackex an expiry, in the order of these. */
function hasWholeFields(bytes: Uint8Array, base: number, encoding: number): boolean {
  const count = lpLength(bytes, base);
  if (encoding === LISTPACK) return count % 2 === 0;
  if (count % 3 !== 0) return false;
  let previousMs = 0;
  for (let at = base + LP_HEADER_BYTES; bytes[at] !== LP_END; ) {
    at = lpSkip(bytes, lpSkip(bytes, at));
    if (!lpIsInteger(bytes, at)) return false;
    const ms = lpInteger(bytes, at);
    const inOrder = ms === 0 || (previousMs !== Number.POSITIVE_INFINITY && ms >= previousMs);
    if (!inOrder || !(ms >= 0 && ms <= EXPIRY_MS_MAX)) return false;
    // Behind the first field that never expires there must be no other one that does.
    previousMs = ms === 0 ? Number.POSITIVE_INFINITY : ms;
    at = lpSkip(bytes, at);
  }
  return true;
}
