// Writing the RDB format into a growing buffer: lengths, strings (short integers as integers, long
// text compressed), numbers. Whoever fills it takes `bytes[0, size)` and calls `reset`.
import { parseInteger } from "../util/integer.ts";
import { LzfCompressor } from "../util/lzf.ts";
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

const INITIAL_BYTES = 256;
const KEEP_BYTES_MAX = 1024 * 1024;
const TWO_32 = 4294967296;
/** Longest text of a 32-bit integer. */
const INTEGER_TEXT_MAX = 11;
/** Shorter text cannot be compressed by the four bytes that make it worth it. */
const COMPRESS_BYTES_MIN = 21;
const SAVING_BYTES_MIN = 4;
const LENGTH_BYTES_MAX = 9;

export class RdbWriter {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  size = 0;
  /** `rdbcompression`. */
  compresses = true;
  #lzf: LzfCompressor | null = null;
  readonly #double: DataView = new DataView(new ArrayBuffer(8));

  /** Forgets what was written. */
  reset(): void {
    this.size = 0;
    if (this.bytes.length > KEEP_BYTES_MAX) this.bytes = new Uint8Array(INITIAL_BYTES);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.size + count <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.size + count));
    bytes.set(this.bytes.subarray(0, this.size));
    this.bytes = bytes;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.size++] = value;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array, start = 0, length: number = source.length): void {
    this.reserve(length);
    this.bytes.set(source.subarray(start, start + length), this.size);
    this.size += length;
  }

  /** A length or another unsigned integer up to 2^53. */
  length(value: number): void {
    if (value < 0x40) {
      this.byte(value);
    } else if (value < 0x4000) {
      this.byte(LENGTH_14_BITS | (value >> 8));
      this.byte(value);
    } else {
      this.length64(Math.floor(value / TWO_32) | 0, value | 0);
    }
  }

  /** As `length`, for the whole unsigned 64-bit range, given as int32 halves. */
  length64(high: number, low: number): void {
    if (high !== 0) {
      this.byte(LENGTH_64_BITS);
      this.#bigEndian(high);
      this.#bigEndian(low);
    } else if (low < 0 || low >= 0x4000) {
      this.byte(LENGTH_32_BITS);
      this.#bigEndian(low);
    } else {
      this.length(low);
    }
  }

  #bigEndian(value: number): void {
    this.reserve(4);
    const { bytes } = this;
    bytes[this.size++] = value >>> 24;
    bytes[this.size++] = value >>> 16;
    bytes[this.size++] = value >>> 8;
    bytes[this.size++] = value;
  }

  /** A 32-bit integer, little-endian. */
  int32(value: number): void {
    this.reserve(4);
    const { bytes } = this;
    bytes[this.size++] = value;
    bytes[this.size++] = value >>> 8;
    bytes[this.size++] = value >>> 16;
    bytes[this.size++] = value >>> 24;
  }

  /** A 64-bit integer, little-endian, such as a time in ms; given as int32 halves. */
  int64(high: number, low: number): void {
    this.int32(low);
    this.int32(high);
  }

  /** As `int64`, for a safe integer. */
  milliseconds(value: number): void {
    this.int64(Math.floor(value / TWO_32) | 0, value | 0);
  }

  /** A double as eight bytes, little-endian. */
  double(value: number): void {
    this.#double.setFloat64(0, value, true);
    this.int64(this.#double.getInt32(4, true), this.#double.getInt32(0, true));
  }

  /** A string: source[start, start+length). */
  string(source: Uint8Array, start = 0, length: number = source.length): void {
    if (length <= INTEGER_TEXT_MAX) {
      const value = parseInteger(source, start, length);
      if (!Number.isNaN(value) && this.#encodedInteger(value)) return;
    }
    if (
      this.compresses &&
      length >= COMPRESS_BYTES_MIN &&
      this.#compressed(source, start, length)
    ) {
      return;
    }
    this.length(length);
    this.raw(source, start, length);
  }

  /** A string of one character per byte. */
  text(text: string): void {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    this.string(bytes);
  }

  /** Writes an integer that fits 32 bits in its special form; false when it does not fit. */
  #encodedInteger(value: number): boolean {
    if (value >= -0x80 && value < 0x80) {
      this.byte(ENCODED | ENCODED_INT8);
      this.byte(value);
    } else if (value >= -0x8000 && value < 0x8000) {
      this.byte(ENCODED | ENCODED_INT16);
      this.byte(value);
      this.byte(value >> 8);
    } else if (value === (value | 0)) {
      this.byte(ENCODED | ENCODED_INT32);
      this.int32(value);
    } else {
      return false;
    }
    return true;
  }

  #compressed(source: Uint8Array, start: number, length: number): boolean {
    this.#lzf ??= new LzfCompressor();
    const limit = length - SAVING_BYTES_MIN;
    this.reserve(1 + 2 * LENGTH_BYTES_MAX + limit);
    // The length comes before the bytes, and how long it is depends on them.
    const body = this.size + 1 + 2 * LENGTH_BYTES_MAX;
    const count = this.#lzf.compress(source, start, length, this.bytes, body, limit);
    if (count === 0) return false;
    this.byte(ENCODED | ENCODED_LZF);
    this.length(count);
    this.length(length);
    this.bytes.copyWithin(this.size, body, body + count);
    this.size += count;
    return true;
  }
}
