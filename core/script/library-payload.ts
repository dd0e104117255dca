// Libraries as FUNCTION DUMP and RDB files have them: for each the opcode of functions and its text as
// a string. FUNCTION DUMP ends with version and checksum, as DUMP does.
import { finishDump } from "../persistence/dump.ts";
import { OPCODE_FUNCTION_PRE_GA, OPCODE_FUNCTION2 } from "../persistence/rdb-format.ts";
import type { RdbReader } from "../persistence/rdb-reader.ts";
import type { RdbWriter } from "../persistence/rdb-writer.ts";
import { latin1 } from "../util/bytes.ts";
import type { Libraries } from "./libraries.ts";

/** Version and checksum. */
const FOOTER_BYTES = 10;

/** Puts all libraries into the writer, as they stand in an RDB file. */
export function writeLibraries(writer: RdbWriter, libraries: Libraries): void {
  for (const { code } of libraries.all()) {
    writer.byte(OPCODE_FUNCTION2);
    writer.text(code);
  }
}

/** Puts the payload of FUNCTION DUMP into the writer. */
export function writeLibraryDump(writer: RdbWriter, libraries: Libraries): void {
  writer.reset();
  writeLibraries(writer, libraries);
  finishDump(writer);
}

/**
 * Reads the texts of a payload whose footer has been checked, and gives each to `load`, which answers
 * with an error or null. Answers with the first error.
 */
export function readLibraryDump(
  reader: RdbReader,
  bytes: Uint8Array,
  start: number,
  length: number,
  load: (code: string) => string | null,
): string | null {
  const end = start + length - FOOTER_BYTES;
  reader.open(bytes, start, end);
  while (reader.left > 0) {
    const opcode = reader.byte();
    if (opcode === OPCODE_FUNCTION_PRE_GA) return "ERR Pre-GA function format not supported";
    if (opcode !== OPCODE_FUNCTION2) return "ERR given type is not a function";
    if (!reader.string()) return "ERR Failed loading library payload";
    const error = load(latin1(reader.bytes, reader.offset, reader.offset + reader.size));
    if (error !== null) return error;
  }
  return null;
}
