// DUMP payloads: the kind of the value, the value as in RDB files, the RDB version in two bytes and
// the CRC-64 of everything before in eight, both little-endian.
import type { Database } from "../keyspace/database.ts";
import type { Ref } from "../memory/arena.ts";
import type { Strings } from "../types/strings.ts";
import { Crc64 } from "../util/crc64.ts";
import { RDB_VERSION } from "./rdb-format.ts";
import type { LoadedValue, RdbTypes } from "./rdb-types.ts";
import type { RdbWriter } from "./rdb-writer.ts";

const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 2 + CHECKSUM_BYTES;

/** Puts the payload of a key into `types.writer`, which it answers with. */
export function writeDump(types: RdbTypes, strings: Strings, db: Database, entry: Ref): RdbWriter {
  const { writer } = types;
  writer.reset();
  writer.byte(types.kindOf(db, entry));
  types.save(writer, strings, db, entry);
  finishDump(writer);
  return writer;
}

/** Ends a payload, of a value or of functions, with version and checksum. */
export function finishDump(writer: RdbWriter): void {
  writer.byte(RDB_VERSION & 0xff);
  writer.byte(RDB_VERSION >> 8);
  writer.reserve(CHECKSUM_BYTES);
  const crc = new Crc64();
  crc.update(writer.bytes, 0, writer.size);
  crc.write(writer.bytes, writer.size);
  writer.size += CHECKSUM_BYTES;
}

/** True when bytes[start, start+length) ends with a version that is known and its checksum. */
export function verifyDump(
  bytes: Uint8Array,
  start: number,
  length: number,
  skipsChecksum: boolean,
): boolean {
  if (length < FOOTER_BYTES) return false;
  const footer = start + length - FOOTER_BYTES;
  if ((bytes[footer] | (bytes[footer + 1] << 8)) > RDB_VERSION) return false;
  if (skipsChecksum) return true;
  const crc = new Crc64();
  crc.update(bytes, start, footer + 2);
  return crc.matches(bytes, footer + 2);
}

/**
 * Reads the value of a payload that `verifyDump` has accepted. Null when it is wrong: then
 * `types.reader` knows why. As in Redis, what follows the value is not looked at.
 */
export function readDump(
  types: RdbTypes,
  bytes: Uint8Array,
  start: number,
  length: number,
  deep: boolean,
): LoadedValue | null {
  const { reader, loaded } = types;
  reader.open(bytes, start, start + length);
  reader.deep = deep;
  return types.load(reader, reader.byte(), loaded) ? loaded : null;
}
