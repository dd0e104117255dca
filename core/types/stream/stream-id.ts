// Stream IDs: a time in milliseconds and a sequence number, both unsigned 64-bit integers, written
// "ms-seq". A StreamId holds them as int32 halves, so that the whole range is exact and nothing is
// allocated; it is changed in place, and whoever wants to keep one copies it.
//
// In the arena an ID is four words in the order of the fields here.
import { writeInteger } from "../../util/integer.ts";

const TWO_32 = 4294967296;
/** Words that an ID takes in the arena. */
export const ID_WORDS = 4;
/** Longest text of an ID. */
export const ID_TEXT_MAX = 41;

const MINUS = 45;
const PLUS = 43;
const STAR = 42;
const DIGIT_0 = 48;
/** Up to this many digits a double holds the number exactly on the way. */
const SAFE_DIGITS = 15;
/** Redis reads no longer text as an ID. */
const TEXT_BYTES_MAX = 127;
const UINT64_MAX = 2n ** 64n - 1n;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  copy(other: StreamId): void {
    this.msHigh = other.msHigh;
    this.msLow = other.msLow;
    this.seqHigh = other.seqHigh;
    this.seqLow = other.seqLow;
  }

  /** 0-0. */
  setMin(): void {
    this.msHigh = 0;
    this.msLow = 0;
    this.seqHigh = 0;
    this.seqLow = 0;
  }

  /** The greatest ID there is. */
  setMax(): void {
    this.msHigh = -1;
    this.msLow = -1;
    this.seqHigh = -1;
    this.seqLow = -1;
  }

  /** `ms`-0, for a time that is a safe integer. */
  setTime(ms: number): void {
    this.msHigh = Math.floor(ms / TWO_32) | 0;
    this.msLow = ms | 0;
    this.seqHigh = 0;
    this.seqLow = 0;
  }

  get isMin(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0;
  }

  get isMax(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === -1;
  }

  /** <0, 0 or >0 as this ID is less than, equal to or greater than the other. */
  compare(other: StreamId): number {
    if (this.msHigh !== other.msHigh) return (this.msHigh >>> 0) - (other.msHigh >>> 0);
    if (this.msLow !== other.msLow) return (this.msLow >>> 0) - (other.msLow >>> 0);
    if (this.seqHigh !== other.seqHigh) return (this.seqHigh >>> 0) - (other.seqHigh >>> 0);
    return (this.seqLow >>> 0) - (other.seqLow >>> 0);
  }

  /** As `compare`, with the ID at words[at]. */
  compareWords(words: Int32Array, at: number): number {
    let own = this.msHigh;
    let other = words[at];
    if (own === other) {
      own = this.msLow;
      other = words[at + 1];
      if (own === other) {
        own = this.seqHigh;
        other = words[at + 2];
        if (own === other) {
          own = this.seqLow;
          other = words[at + 3];
        }
      }
    }
    return (own >>> 0) - (other >>> 0);
  }

  load(words: Int32Array, at: number): void {
    this.msHigh = words[at];
    this.msLow = words[at + 1];
    this.seqHigh = words[at + 2];
    this.seqLow = words[at + 3];
  }

  store(words: Int32Array, at: number): void {
    words[at] = this.msHigh;
    words[at + 1] = this.msLow;
    words[at + 2] = this.seqHigh;
    words[at + 3] = this.seqLow;
  }

  /** Reads 16 bytes, the most significant first: how RDB files hold IDs. */
  loadBytes(bytes: Uint8Array, at: number): void {
    this.msHigh = bigEndian(bytes, at);
    this.msLow = bigEndian(bytes, at + 4);
    this.seqHigh = bigEndian(bytes, at + 8);
    this.seqLow = bigEndian(bytes, at + 12);
  }

  storeBytes(bytes: Uint8Array, at: number): void {
    storeBigEndian(bytes, at, this.msHigh);
    storeBigEndian(bytes, at + 4, this.msLow);
    storeBigEndian(bytes, at + 8, this.seqHigh);
    storeBigEndian(bytes, at + 12, this.seqLow);
  }

  /** To the next ID. False at the greatest: it becomes 0-0. */
  increment(): boolean {
    this.seqLow = (this.seqLow + 1) | 0;
    if (this.seqLow !== 0) return true;
    this.seqHigh = (this.seqHigh + 1) | 0;
    if (this.seqHigh !== 0) return true;
    this.msLow = (this.msLow + 1) | 0;
    if (this.msLow !== 0) return true;
    this.msHigh = (this.msHigh + 1) | 0;
    return this.msHigh !== 0;
  }

  /** To the ID before. False at 0-0: it becomes the greatest. */
  decrement(): boolean {
    const isMin = this.isMin;
    this.seqLow = (this.seqLow - 1) | 0;
    if (this.seqLow !== -1) return true;
    this.seqHigh = (this.seqHigh - 1) | 0;
    if (this.seqHigh !== -1) return true;
    this.msLow = (this.msLow - 1) | 0;
    if (this.msLow !== -1) return true;
    this.msHigh = (this.msHigh - 1) | 0;
    return !isMin;
  }

  /** Adds signed 64-bit differences, given as halves, to the two parts of an ID. */
  setSum(base: StreamId, msHigh: number, msLow: number, seqHigh: number, seqLow: number): void {
    const ms = (base.msLow >>> 0) + (msLow >>> 0);
    this.msLow = ms | 0;
    this.msHigh = (base.msHigh + msHigh + (ms >= TWO_32 ? 1 : 0)) | 0;
    const seq = (base.seqLow >>> 0) + (seqLow >>> 0);
    this.seqLow = seq | 0;
    this.seqHigh = (base.seqHigh + seqHigh + (seq >= TWO_32 ? 1 : 0)) | 0;
  }

  toString(): string {
    return `${uint64Text(this.msHigh, this.msLow)}-${uint64Text(this.seqHigh, this.seqLow)}`;
  }
}

function bigEndian(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

function storeBigEndian(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** An unsigned 64-bit integer in decimal. */
export function uint64Text(high: number, low: number): string {
  const value = (high >>> 0) * TWO_32 + (low >>> 0);
  if (value <= Number.MAX_SAFE_INTEGER) return String(value);
  return String((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

// ---------------------------------------------------------------------------- text

function writeUint64(bytes: Uint8Array, at: number, high: number, low: number): number {
  const value = (high >>> 0) * TWO_32 + (low >>> 0);
  if (value <= Number.MAX_SAFE_INTEGER) return writeInteger(bytes, at, value);
  const text = uint64Text(high, low);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** IDs as text. The time of the last ID is remembered: neighbours in a stream often share it. */
export class StreamIdText {
  /** The text is bytes[0, length). */
  readonly bytes: Uint8Array = new Uint8Array(ID_TEXT_MAX + 7);
  length = 0;
  #msHigh = 0;
  #msLow = 0;
  /** Length of the time and the minus behind it; 0 while there is none. */
  #timeLength = 0;

  format(id: StreamId): void {
    const { bytes } = this;
    if (id.msLow !== this.#msLow || id.msHigh !== this.#msHigh || this.#timeLength === 0) {
      this.#msHigh = id.msHigh;
      this.#msLow = id.msLow;
      const end = writeUint64(bytes, 0, id.msHigh, id.msLow);
      bytes[end] = MINUS;
      this.#timeLength = end + 1;
    }
    this.length = writeUint64(bytes, this.#timeLength, id.seqHigh, id.seqLow);
  }
}

/** What `parseStreamId` found. */
export const ID_INVALID = 0;
export const ID_WHOLE = 1;
/** "ms-*": the sequence number is 0 and shall be chosen by the stream. */
export const ID_WITHOUT_SEQUENCE = 2;

/** Which forms of an ID `parseStreamId` takes besides "ms-seq" and "ms". */
export const ALLOW_NONE = 0;
/** "-" and "+", the smallest and the greatest ID. */
export const ALLOW_EDGES = 1;
/** "ms-*". */
export const ALLOW_STAR = 2;

/**
 * Reads bytes[start, start+length) into `id`; `seqWord`: both halves of the sequence number when
 * there is none (0 or -1). The parts are what C's strtoull takes, as in Redis: blanks, signs and
 * leading zeros may come before the digits, and a NUL ends the text.
 */
export function parseStreamId(
  bytes: Uint8Array,
  start: number,
  length: number,
  id: StreamId,
  seqWord: number,
  allowed: number,
): number {
  if (length > TEXT_BYTES_MAX) return ID_INVALID;
  const end = endOfText(bytes, start, length);
  if (end - start === 1 && (bytes[start] === MINUS || bytes[start] === PLUS)) {
    if (allowed !== ALLOW_EDGES) return ID_INVALID;
    if (bytes[start] === MINUS) id.setMin();
    else id.setMax();
    return ID_WHOLE;
  }
  let dash = start;
  while (dash < end && bytes[dash] !== MINUS) dash++;
  if (!parsePart(bytes, start, dash, id, false)) return ID_INVALID;
  id.seqHigh = seqWord;
  id.seqLow = seqWord;
  if (dash === end) return ID_WHOLE;
  if (allowed === ALLOW_STAR && dash + 2 === end && bytes[dash + 1] === STAR) {
    id.seqHigh = 0;
    id.seqLow = 0;
    return ID_WITHOUT_SEQUENCE;
  }
  return parsePart(bytes, dash + 1, end, id, true) ? ID_WHOLE : ID_INVALID;
}

function endOfText(bytes: Uint8Array, start: number, length: number): number {
  for (let i = start; i < start + length; i++) if (bytes[i] === 0) return i;
  return start + length;
}

/** Reads one of the two numbers into `id`. */
function parsePart(
  bytes: Uint8Array,
  start: number,
  end: number,
  id: StreamId,
  isSequence: boolean,
): boolean {
  if (end === start) return false;
  let value = 0;
  let i = start;
  if (end - start <= SAFE_DIGITS) {
    for (; i < end; i++) {
      const digit = bytes[i] - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
  }
  if (i === end) {
    setPart(id, isSequence, Math.floor(value / TWO_32) | 0, value | 0);
    return true;
  }
  const big = unusualNumber(bytes, start, end);
  if (big === null) return false;
  setPart(id, isSequence, Number(BigInt.asIntN(32, big >> 32n)), Number(BigInt.asIntN(32, big)));
  return true;
}

function setPart(id: StreamId, isSequence: boolean, high: number, low: number): void {
  if (isSequence) {
    id.seqHigh = high;
    id.seqLow = low;
  } else {
    id.msHigh = high;
    id.msLow = low;
  }
}

/** What strtoull makes of the text, with the one exception that Redis makes; null for an error. */
function unusualNumber(bytes: Uint8Array, start: number, end: number): bigint | null {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  // A negative number in canonical form is refused, in any other form it wraps around.
  if (/^-[1-9][0-9]*$/.test(text) && BigInt(text) >= -(2n ** 63n)) return null;
  const match = /^[\t-\r ]*([-+]?)([0-9]+)$/.exec(text);
  if (match === null) return null;
  const value = BigInt(match[2]);
  if (value > UINT64_MAX) return null;
  return match[1] === "-" ? BigInt.asUintN(64, -value) : value;
}
