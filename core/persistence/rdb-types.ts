// How values of each type are written to RDB files and DUMP payloads, and read back.
//
// A type registers itself with the keyspace, beside its releaser:
//
//   keyspace.rdbTypes.savers[SET] = {
//     rdbType: (value, encoding) => (encoding === INTSET ? RDB_SET_INTSET : RDB_SET),
//     save(writer, value, encoding) { writer.length(…); writer.string(…); … },
//   };
//   keyspace.rdbTypes.loaders[RDB_SET] = (reader, rdbType, loaded) => { … };
//
// `rdbType` says what kind of value (rdb-format.ts) `save` is going to write; the caller writes that
// byte. There is one loader for each kind that is written, and for those that older versions of
// Redis wrote. A loader makes the value in the arena, belonging to no key yet, and puts it into
// `loaded` (type, encoding, value). On bad input it frees what it has made and returns
// `reader.fail("what is wrong")`, or `reader.failEmpty()` when there is no element at all.
// Where Redis looks inside a compact value before it uses it, a loader does so only if `reader.deep`
// says so, and counts it in `reader.sanitizations`; but it must never take a reference out of bounds,
// loop for ever or leave a broken value behind, however false the input is.
//
// Strings live in the entry of their key, so they are handled here and nowhere else.

import type { Database } from "../keyspace/database.ts";
import { STRING } from "../keyspace/types.ts";
import type { Ref } from "../memory/arena.ts";
import type { Strings } from "../types/strings.ts";
import { isRdbType, RDB_STRING, RDB_TYPE_MAX } from "./rdb-format.ts";
import { RdbReader } from "./rdb-reader.ts";
import { RdbWriter } from "./rdb-writer.ts";

/** Writes the values of one type. */
export interface RdbSaver {
  /** The kind of value that `save` will write for this one. */
  rdbType(value: Ref, encoding: number): number;
  save(writer: RdbWriter, value: Ref, encoding: number): void;
}

/** Reads a value of one kind. False when it failed: then the reader knows why. */
export type RdbLoader = (reader: RdbReader, rdbType: number, loaded: LoadedValue) => boolean;

/** A value that belongs to no key yet. A string is `bytes[offset, offset + length)`. */
export class LoadedValue {
  type = 0;
  encoding = 0;
  value: Ref = 0;
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;

  set(type: number, encoding: number, value: Ref): void {
    this.type = type;
    this.encoding = encoding;
    this.value = value;
  }
}

export class RdbTypes {
  /** By type (types.ts). */
  readonly savers: (RdbSaver | undefined)[] = [];
  /** By kind of value (rdb-format.ts). */
  readonly loaders: (RdbLoader | undefined)[] = new Array(RDB_TYPE_MAX + 1).fill(undefined);
  /** For one value at a time: DUMP, RESTORE, DEBUG OBJECT. Emptied or opened by who uses them. */
  readonly writer: RdbWriter = new RdbWriter();
  readonly reader: RdbReader = new RdbReader();
  readonly loaded: LoadedValue = new LoadedValue();
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION. */
  skipsChecksums = false;

  /** The byte that says what kind of value `save` writes for the key. */
  kindOf(db: Database, entry: Ref): number {
    const type = db.typeOf(entry);
    if (type === STRING) return RDB_STRING;
    return this.#saver(type).rdbType(db.valueOf(entry), db.encodingOf(entry));
  }

  /** Writes the value of the key, without the byte in front. */
  save(writer: RdbWriter, strings: Strings, db: Database, entry: Ref): void {
    const type = db.typeOf(entry);
    if (type === STRING) {
      strings.load(entry);
      writer.string(strings.bytes, strings.offset, strings.length);
    } else {
      this.#saver(type).save(writer, db.valueOf(entry), db.encodingOf(entry));
    }
  }

  #saver(type: number): RdbSaver {
    const saver = this.savers[type];
    if (saver === undefined) throw new Error(`rdb: nobody saves values of type ${type}`);
    return saver;
  }

  /** Reads a value of the kind `rdbType`. False when it failed. */
  load(reader: RdbReader, rdbType: number, loaded: LoadedValue): boolean {
    if (rdbType === RDB_STRING) {
      if (!reader.string()) return false;
      loaded.set(STRING, 0, 0);
      loaded.bytes = reader.bytes;
      loaded.offset = reader.offset;
      loaded.length = reader.size;
      return true;
    }
    const loader = isRdbType(rdbType) ? this.loaders[rdbType] : undefined;
    if (loader === undefined) return reader.fail(`unknown kind of value ${rdbType}`);
    return loader(reader, rdbType, loaded) && !reader.failed;
  }
}
