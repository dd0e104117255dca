// Reading the RDB format from bytes in memory. The bytes may come from anybody (RESTORE), so nothing
// in them is trusted: every read checks the end. After the first failure all reads answer 0 and
// `failed` stays true; loaders look at it in their loops and before they use what they read.
import { writeInteger } from "../util/integer.ts";
import { lzfDecompress } from "../util/lzf.ts";
import {
  ENCODED,
  ENCODED_INT8,
  ENCODED_INT16,
  ENCODED_INT32,
  ENCODED_LZF,
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
} from "./rdb-format.ts";

const TWO_32 = 4294967296;
/** Three compressed bytes stand for at most this many. */
const EXPANSION_MAX = 264;
const EMPTY = new Uint8Array(0);

export class RdbReader {
  #input: Uint8Array = EMPTY;
  position = 0;
  #end = 0;
  /** The input is wrong or ended too early. */
  failed = false;
  /** It ended too early: with more bytes it might be right. */
  short = false;
  /** What is wrong, for the log. */
  error = "";
  /** The value that was read has no elements: such a key is left out. */
  emptyValue = false;
  /** Loaders check values inside out instead of trusting their headers (`sanitize-dump-payload`). */
  deep = false;
  /** Number of values checked that way since the start: INFO's dump_payload_sanitizations. */
  sanitizations = 0;
  /** Halves of the number that `length` or `int64` read last, for the whole 64-bit range. */
  high = 0;
  low = 0;
  /** The string read last: `bytes[offset, offset + size)`; valid until the next read. */
  bytes: Uint8Array = EMPTY;
  offset = 0;
  size = 0;
  #scratch: Uint8Array = new Uint8Array(32);
  readonly #double: DataView = new DataView(new ArrayBuffer(8));

  /** Starts to read bytes[start, end). */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#input = bytes;
    this.position = start;
    this.#end = end;
    this.failed = false;
    this.short = false;
    this.error = "";
    this.emptyValue = false;
  }

  /** Forgets the input. */
  close(): void {
    this.#input = EMPTY;
    this.bytes = EMPTY;
    if (this.#scratch.length > 65536) this.#scratch = new Uint8Array(32);
  }

  /** Declares the input wrong. Answers false, so that loaders can return it. */
  fail(error: string): false {
    if (!this.failed) this.error = error;
    this.failed = true;
    return false;
  }

  /** Declares the value to be without elements. Answers false, so that loaders can return it. */
  failEmpty(): false {
    this.emptyValue = true;
    return this.fail("empty value");
  }

  /** True when `count` more bytes are there; otherwise the reader has failed. */
  #has(count: number): boolean {
    if (!this.failed && count <= this.#end - this.position) return true;
    if (!this.failed) this.short = true;
    this.fail("unexpected end");
    return false;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.position;
  }

  byte(): number {
    return this.#has(1) ? this.#input[this.position++] : 0;
  }

  /** `count` bytes as they are, as the string read last. */
  raw(count: number): boolean {
    if (!this.#has(count)) return this.#noString();
    this.bytes = this.#input;
    this.offset = this.position;
    this.size = count;
    this.position += count;
    return true;
  }

  #noString(): false {
    this.bytes = EMPTY;
    this.offset = 0;
    this.size = 0;
    return false;
  }

  /**
   * A length or another unsigned integer: exact up to 2^53, beyond it rounded; `high` and `low`
   * always have the exact value. As in Redis, a special string encoding in its place counts as its
   * six bits.
   */
  length(): number {
    const first = this.byte();
    this.high = 0;
    const kind = first & ENCODED;
    if (kind === 0 || kind === ENCODED) {
      this.low = first & 0x3f;
    } else if (kind === LENGTH_14_BITS) {
      this.low = ((first & 0x3f) << 8) | this.byte();
    } else if (first === LENGTH_32_BITS) {
      this.low = this.#bigEndian();
    } else if (first === LENGTH_64_BITS) {
      this.high = this.#bigEndian();
      this.low = this.#bigEndian();
    } else {
      this.fail("unknown length encoding");
    }
    if (this.failed) {
      this.high = 0;
      this.low = 0;
    }
    // Mostly a small integer, and as such it should go on (see util/wide.ts).
    if (this.high === 0 && this.low >= 0) return this.low;
    return (this.high >>> 0) * TWO_32 + (this.low >>> 0);
  }

  #bigEndian(): number {
    if (!this.#has(4)) return 0;
    const at = this.position;
    this.position += 4;
    const input = this.#input;
    return (input[at] << 24) | (input[at + 1] << 16) | (input[at + 2] << 8) | input[at + 3];
  }

  /** A 32-bit integer, little-endian. */
  int32(): number {
    if (!this.#has(4)) return 0;
    const at = this.position;
    this.position += 4;
    const input = this.#input;
    return input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24);
  }

  /** A signed 64-bit integer, little-endian: rounded beyond 2^53, exact in `high` and `low`. */
  int64(): number {
    this.low = this.int32();
    this.high = this.int32();
    if (this.failed) this.low = 0;
    return this.high * TWO_32 + (this.low >>> 0);
  }

  /** A double of eight bytes, little-endian. */
  double(): number {
    this.#double.setInt32(0, this.int32(), true);
    this.#double.setInt32(4, this.int32(), true);
    return this.failed ? 0 : this.#double.getFloat64(0, true);
  }

  /** A string, into `bytes`, `offset`, `size`; integers become text. False when there is none. */
  string(): boolean {
    if (!this.#has(1)) return this.#noString();
    const first = this.#input[this.position];
    if ((first & ENCODED) !== ENCODED) {
      const count = this.length();
      return this.raw(count);
    }
    this.position++;
    switch (first & 0x3f) {
      case ENCODED_INT8:
        return this.#integer((this.byte() << 24) >> 24);
      case ENCODED_INT16:
        return this.#integer(((this.byte() | (this.byte() << 8)) << 16) >> 16);
      case ENCODED_INT32:
        return this.#integer(this.int32());
      case ENCODED_LZF:
        return this.#compressed();
      default:
        this.fail("unknown string encoding");
        return this.#noString();
    }
  }

  #integer(value: number): boolean {
    if (this.failed) return this.#noString();
    this.bytes = this.#scratch;
    this.offset = 0;
    this.size = writeInteger(this.#scratch, 0, value);
    return true;
  }

  #compressed(): boolean {
    const count = this.length();
    const size = this.length();
    if (!this.#has(count)) return this.#noString();
    const start = this.position;
    this.position += count;
    // A length that no such input can have is refused before memory is taken for it.
    if (size > count * EXPANSION_MAX) return this.#wrongBlock();
    if (this.#scratch.length < size) this.#scratch = new Uint8Array(size);
    // Redis's decompressor writes 0 bytes when it fails, so with nothing to write all is well to it.
    const written =
      size === 0 ? 0 : lzfDecompress(this.#input, start, count, this.#scratch, 0, size);
    if (written !== size) return this.#wrongBlock();
    this.bytes = this.#scratch;
    this.offset = 0;
    this.size = size;
    return true;
  }

  #wrongBlock(): boolean {
    this.fail("invalid compressed string");
    return this.#noString();
  }
}
