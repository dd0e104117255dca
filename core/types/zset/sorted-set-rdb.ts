// Sorted sets in RDB files and DUMP payloads: a small one as its listpack, a large one member by
// member with binary scores, the greatest first, as Redis does. The older kinds (scores as text,
// ziplists) are read.
import { LISTPACK, ZSET } from "../../keyspace/types.ts";
import { type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { lpBytes, lpLength, lpValidate } from "../../memory/listpack.ts";
import {
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
} from "../../persistence/rdb-format.ts";
import type { RdbReader } from "../../persistence/rdb-reader.ts";
import type { LoadedValue, RdbTypes } from "../../persistence/rdb-types.ts";
import type { RdbWriter } from "../../persistence/rdb-writer.ts";
import { listpackOfZiplist } from "../../persistence/ziplist.ts";
import { latin1 } from "../../util/bytes.ts";
import { Element } from "../element.ts";
import { SortedSetCursor } from "./cursor.ts";
import { packedBase } from "./packed.ts";
import { ADD_NEW_ONLY, ADDED, SortedSet } from "./sorted-set.ts";
import type { SortedSets } from "./sorted-sets.ts";

// Scores as text: a byte with their length, or one of these.
const TEXT_NAN = 253;
const TEXT_INFINITY = 254;
const TEXT_MINUS_INFINITY = 255;

export function registerSortedSetRdb(rdbTypes: RdbTypes, sortedSets: SortedSets): void {
  const rdb = new SortedSetRdb(sortedSets);
  rdbTypes.savers[ZSET] = rdb;
  rdbTypes.loaders[RDB_ZSET] = (reader, _kind, loaded) => rdb.loadMembers(reader, false, loaded);
  rdbTypes.loaders[RDB_ZSET_2] = (reader, _kind, loaded) => rdb.loadMembers(reader, true, loaded);
  rdbTypes.loaders[RDB_ZSET_LISTPACK] = (reader, _kind, loaded) => rdb.loadListpack(reader, loaded);
  rdbTypes.loaders[RDB_ZSET_ZIPLIST] = (reader, _kind, loaded) => rdb.loadZiplist(reader, loaded);
}

class SortedSetRdb {
  readonly #sortedSets: SortedSets;
  readonly #set: SortedSet;
  readonly #cursor: SortedSetCursor;
  readonly #member: Element = new Element();
  /** The bytes that strings were read from last, and a view over them. */
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  constructor(sortedSets: SortedSets) {
    this.#sortedSets = sortedSets;
    this.#set = new SortedSet(sortedSets);
    this.#cursor = new SortedSetCursor(sortedSets);
  }

  rdbType(_value: Ref, encoding: number): number {
    return encoding === LISTPACK ? RDB_ZSET_LISTPACK : RDB_ZSET_2;
  }

  save(writer: RdbWriter, value: Ref, encoding: number): void {
    if (encoding === LISTPACK) {
      const bytes = this.#sortedSets.arena.u8[value >>> SEGMENT_SHIFT];
      const base = packedBase(value);
      writer.string(bytes, base, lpBytes(bytes, base));
      return;
    }
    const set = this.#set.open(value, encoding);
    const { length } = set;
    writer.length(length);
    this.#cursor.seek(set, length - 1);
    do {
      this.#cursor.member(this.#member);
      const { bytes, offset, length: memberBytes } = this.#member;
      writer.string(bytes, offset, memberBytes);
      writer.double(this.#cursor.score);
    } while (this.#cursor.previous());
  }

  loadMembers(reader: RdbReader, binary: boolean, loaded: LoadedValue): boolean {
    const count = reader.length();
    if (reader.failed) return false;
    if (count === 0) return reader.failEmpty();
    const set = this.#set.createLarge();
    const member = this.#member;
    for (let i = 0; i < count; i++) {
      if (!reader.string()) return this.#drop(reader, "");
      this.#placeString(reader, member);
      const score = binary ? reader.double() : this.#scoreAsText(reader);
      if (reader.failed) return this.#drop(reader, "");
      if (Number.isNaN(score)) return this.#drop(reader, "sorted set with a score that is NaN");
      if (set.add(member, score, ADD_NEW_ONLY) !== ADDED) {
        return this.#drop(reader, "duplicate sorted set member");
      }
    }
    set.packIfSmall();
    loaded.set(ZSET, set.encoding, set.value);
    return true;
  }

  /** Loads the string that was read last. */
  #placeString(reader: RdbReader, member: Element): void {
    const { bytes, offset, size } = reader;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    member.place(bytes, this.#view, offset, size);
  }

  #scoreAsText(reader: RdbReader): number {
    const size = reader.byte();
    if (size === TEXT_NAN) return Number.NaN;
    if (size === TEXT_INFINITY) return Number.POSITIVE_INFINITY;
    if (size === TEXT_MINUS_INFINITY) return Number.NEGATIVE_INFINITY;
    if (!reader.raw(size)) return 0;
    const text = latin1(reader.bytes, reader.offset, reader.offset + reader.size);
    const score = Number.parseFloat(text);
    if (Number.isNaN(score)) reader.fail("score that is no number");
    return score;
  }

  #drop(reader: RdbReader, error: string): false {
    this.#sortedSets.free(this.#set.value, this.#set.encoding);
    return reader.fail(error);
  }

  loadListpack(reader: RdbReader, loaded: LoadedValue): boolean {
    if (!reader.string()) return false;
    if (reader.deep) reader.sanitizations++;
    const { bytes, offset, size } = reader;
    return this.#adopt(reader, bytes, offset, size, reader.deep, loaded);
  }

  loadZiplist(reader: RdbReader, loaded: LoadedValue): boolean {
    if (!reader.string()) return false;
    const listpack = listpackOfZiplist(reader.bytes, reader.offset, reader.size);
    if (listpack === null) return reader.fail("sorted set ziplist integrity check failed");
    return this.#adopt(reader, listpack, 0, listpack.length, true, loaded);
  }

  /** Makes a copy of a listpack the value. `deep`: members are checked to be distinct. */
  #adopt(
    reader: RdbReader,
    bytes: Uint8Array,
    offset: number,
    size: number,
    deep: boolean,
    loaded: LoadedValue,
  ): boolean {
    // Always entry by entry: everything else relies on that.
    const isSound = lpValidate(bytes, offset, size, true);
    const count = isSound ? lpLength(bytes, offset) : 0;
    if (!isSound || count % 2 !== 0) {
      return reader.fail("sorted set listpack integrity check failed");
    }
    if (count === 0) return reader.failEmpty();
    const value = this.#sortedSets.copyListpack(bytes, offset, size);
    const set = this.#set.open(value, LISTPACK);
    const isLarge = count / 2 > this.#sortedSets.limits.zsetMaxListpackEntries;
    if ((deep || isLarge) && !this.#isDistinct(set)) {
      return this.#drop(reader, "duplicate sorted set member");
    }
    if (isLarge) set.enlarge();
    loaded.set(ZSET, set.encoding, set.value);
    return true;
  }

  #isDistinct(set: SortedSet): boolean {
    const seen = new Set<string>();
    const cursor = this.#cursor;
    let count = 0;
    cursor.seek(set, 0);
    do {
      cursor.member(this.#member);
      seen.add(this.#member.text());
      count++;
    } while (cursor.next());
    return seen.size === count;
  }
}
