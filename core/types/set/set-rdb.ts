// Sets in RDB files and DUMP payloads: intsets and listpacks as they are, dicts member by member.
import { HASHTABLE, INTSET, LISTPACK, SET } from "../../keyspace/types.ts";
import { GRANULE_MASK, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import type { Dicts } from "../../memory/dict.ts";
import { intsetBytes, intsetLength, intsetValidate } from "../../memory/intset.ts";
import { lpBytes, lpLength, lpValidate } from "../../memory/listpack.ts";
import { RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK } from "../../persistence/rdb-format.ts";
import type { RdbReader } from "../../persistence/rdb-reader.ts";
import type { LoadedValue, RdbTypes } from "../../persistence/rdb-types.ts";
import type { RdbWriter } from "../../persistence/rdb-writer.ts";
import { Element } from "../element.ts";
import { SetCursor } from "./set-cursor.ts";
import { type SetLimits, type Sets, SetValue } from "./sets.ts";

export function registerSetRdb(
  rdbTypes: RdbTypes,
  sets: Sets,
  dicts: Dicts,
  limits: SetLimits,
): void {
  const rdb = new SetRdb(sets, dicts, limits);
  rdbTypes.savers[SET] = rdb;
  rdbTypes.loaders[RDB_SET] = (reader, _kind, loaded) => rdb.loadMembers(reader, loaded);
  rdbTypes.loaders[RDB_SET_INTSET] = (reader, _kind, loaded) => rdb.loadIntset(reader, loaded);
  rdbTypes.loaders[RDB_SET_LISTPACK] = (reader, _kind, loaded) => rdb.loadListpack(reader, loaded);
}

class SetRdb {
  readonly #sets: Sets;
  readonly #dicts: Dicts;
  readonly #limits: SetLimits;
  readonly #cursor: SetCursor;
  readonly #set: SetValue = new SetValue();
  readonly #element: Element = new Element();

  constructor(sets: Sets, dicts: Dicts, limits: SetLimits) {
    this.#sets = sets;
    this.#dicts = dicts;
    this.#limits = limits;
    this.#cursor = new SetCursor(dicts);
  }

  rdbType(_value: Ref, encoding: number): number {
    if (encoding === HASHTABLE) return RDB_SET;
    return encoding === INTSET ? RDB_SET_INTSET : RDB_SET_LISTPACK;
  }

  save(writer: RdbWriter, value: Ref, encoding: number): void {
    if (encoding !== HASHTABLE) {
      const bytes = this.#dicts.arena.u8[value >>> SEGMENT_SHIFT];
      const base = (value & GRANULE_MASK) << 3;
      const size = encoding === INTSET ? intsetBytes(bytes, base) : lpBytes(bytes, base);
      writer.string(bytes, base, size);
      return;
    }
    writer.length(this.#dicts.count(value));
    const cursor = this.#cursor;
    cursor.start(value, encoding);
    while (cursor.next()) {
      const { bytes, offset, length } = cursor.element;
      writer.string(bytes, offset, length);
    }
  }

  loadMembers(reader: RdbReader, loaded: LoadedValue): boolean {
    const count = reader.length();
    if (reader.failed) return false;
    if (count === 0) return reader.failEmpty();
    const set = this.#set;
    this.#sets.createIntset(set);
    this.#sets.expect(set, count);
    for (let i = 0; i < count; i++) {
      if (!reader.string()) return this.#drop(reader, "");
      const { bytes, offset, size } = reader;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#element.place(bytes, view, offset, size);
      if (!this.#sets.add(set, this.#element)) return this.#drop(reader, "duplicate set member");
    }
    loaded.set(SET, set.encoding, set.value);
    return true;
  }

  #drop(reader: RdbReader, error: string): false {
    this.#sets.free(this.#set.value, this.#set.encoding);
    return reader.fail(error);
  }

  loadIntset(reader: RdbReader, loaded: LoadedValue): boolean {
    if (!reader.string()) return false;
    if (reader.deep) reader.sanitizations++;
    const { bytes, offset, size } = reader;
    if (!intsetValidate(bytes, offset, size, reader.deep)) {
      return reader.fail("intset integrity check failed");
    }
    this.#set.open(this.#copyIn(reader), INTSET);
    this.#sets.expect(this.#set, intsetLength(bytes, offset));
    loaded.set(SET, this.#set.encoding, this.#set.value);
    return true;
  }

  loadListpack(reader: RdbReader, loaded: LoadedValue): boolean {
    if (!reader.string()) return false;
    if (reader.deep) reader.sanitizations++;
    const { bytes, offset, size } = reader;
    // Always entry by entry: everything else relies on that.
    if (!lpValidate(bytes, offset, size, true)) {
      return reader.fail("set listpack integrity check failed");
    }
    const count = lpLength(bytes, offset);
    if (count === 0) return reader.failEmpty();
    const set = this.#set;
    set.open(this.#copyIn(reader), LISTPACK);
    const isLarge = count > this.#limits.setMaxListpackEntries;
    if ((isLarge || reader.deep) && !this.#isDistinct(set)) {
      return this.#drop(reader, "duplicate set member");
    }
    this.#sets.expect(set, count);
    loaded.set(SET, set.encoding, set.value);
    return true;
  }

  /** A copy in the arena of the string that was read last. */
  #copyIn(reader: RdbReader): Ref {
    const { arena } = this.#dicts;
    const { bytes, offset, size } = reader;
    const value = arena.alloc(size);
    const target = arena.u8[value >>> SEGMENT_SHIFT];
    target.set(bytes.subarray(offset, offset + size), (value & GRANULE_MASK) << 3);
    return value;
  }

  #isDistinct({ value, encoding }: SetValue): boolean {
    const seen = new Set<string>();
    const cursor = this.#cursor;
    cursor.start(value, encoding);
    let count = 0;
    for (; cursor.next(); count++) seen.add(cursor.element.text());
    return seen.size === count;
  }
}
