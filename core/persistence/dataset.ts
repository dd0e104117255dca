// A whole data set as the bytes of an RDB file, in memory, and back. DEBUG RELOAD goes through it.

import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { RefList } from "../memory/dict.ts";
import type { Strings } from "../types/strings.ts";
import { toBytes } from "../util/bytes.ts";
import { Crc64 } from "../util/crc64.ts";
import { OPCODE_EOF, OPCODE_RESIZEDB, OPCODE_SELECTDB, RDB_VERSION } from "./rdb-format.ts";
import { KeyLoader, type SavedUse, saveKey } from "./rdb-key.ts";
import { RdbReader } from "./rdb-reader.ts";
import { RdbWriter } from "./rdb-writer.ts";

const MAGIC_BYTES = 9;
const CHECKSUM_BYTES = 8;

/** All keys of all databases. */
export function saveDataset(
  keyspace: Keyspace,
  strings: Strings,
  databases: readonly Database[],
  use: SavedUse,
): Uint8Array {
  const writer = new RdbWriter();
  writer.compresses = keyspace.rdbTypes.writer.compresses;
  writer.raw(toBytes(`REDIS${String(RDB_VERSION).padStart(4, "0")}`));
  const page = new RefList();
  for (const db of databases) {
    if (db.size === 0) continue;
    writer.byte(OPCODE_SELECTDB);
    writer.length(db.index);
    writer.byte(OPCODE_RESIZEDB);
    writer.length(db.size);
    writer.length(db.volatileCount);
    const { dicts } = keyspace;
    for (let index = 0; index !== -1; index = dicts.nextPageIndex(db.dict, index)) {
      page.count = 0;
      dicts.pageEntries(dicts.pageAt(db.dict, index), page);
      for (let i = 0; i < page.count; i++) {
        saveKey(writer, keyspace, strings, db, page.items[i], use);
      }
    }
  }
  writer.byte(OPCODE_EOF);
  const crc = new Crc64();
  crc.update(writer.bytes, 0, writer.size);
  writer.reserve(CHECKSUM_BYTES);
  crc.write(writer.bytes, writer.size);
  return writer.bytes.subarray(0, writer.size + CHECKSUM_BYTES);
}

/**
 * Adds all keys of `bytes`, which `saveDataset` has made, to the databases. `replaces`: keys that
 * exist get the new value. Answers with what is wrong, or "".
 */
export function loadDataset(
  keyspace: Keyspace,
  strings: Strings,
  databases: readonly Database[],
  bytes: Uint8Array,
  replaces: boolean,
): string {
  const reader = new RdbReader();
  reader.open(bytes, MAGIC_BYTES, bytes.length - CHECKSUM_BYTES);
  const loader = new KeyLoader(keyspace, strings);
  loader.replaces = replaces;
  loader.dropsExpired = keyspace.deletesExpired;
  let db = databases[0];
  for (;;) {
    const opcode = reader.byte();
    if (opcode === OPCODE_EOF || reader.failed) break;
    if (opcode === OPCODE_SELECTDB) {
      db = databases[reader.length()];
    } else if (opcode === OPCODE_RESIZEDB) {
      reader.length();
      reader.length();
    } else if (!loader.attribute(opcode, reader)) {
      const result = loader.load(reader, opcode, db);
      if (result === "duplicate") return "duplicate key";
    }
  }
  return reader.failed ? reader.error : "";
}
