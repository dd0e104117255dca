// The model of strings as arrays of bits.
import type { Model, ModelCommand, ModelFamily } from "./model.ts";
import { array, error, integer, NOT_INTEGER, nil, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import { edit, int64, textOf } from "./strings.ts";

const BAD_OFFSET = error("bit offset is not an integer or out of range");
const OFFSET_END = 2n ** 32n;

function bitOffset(text: string, bits: bigint | null): number | null {
  const counts = bits !== null && text.startsWith("#");
  const value = int64(counts ? text.slice(1) : text);
  if (value === null) return null;
  const offset = counts ? value * bits : value;
  return offset < 0n || offset >= OFFSET_END ? null : Number(offset);
}

function bitAt(text: string, offset: number): number {
  const byte = offset >> 3;
  return byte < text.length ? (text.charCodeAt(byte) >> (7 - (offset & 7))) & 1 : 0;
}

function withBit(text: string, offset: number, bit: number): string {
  const byte = offset >> 3;
  const mask = 1 << (7 - (offset & 7));
  const old = text.charCodeAt(byte);
  const edited = String.fromCharCode(bit === 1 ? old | mask : old & ~mask);
  return text.slice(0, byte) + edited + text.slice(byte + 1);
}

function lengthened(text: string, lastBit: number): string {
  return text.padEnd((lastBit >> 3) + 1, "\0");
}

const setbit: ModelCommand = (model, session, [, key, offsetText, bitText]) => {
  const offset = bitOffset(offsetText, null);
  if (offset === null) return BAD_OFFSET;
  if (bitText !== "0" && bitText !== "1") return error("bit is not an integer or out of range");
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  const long = lengthened(text ?? "", offset);
  const edited = withBit(long, offset, Number(bitText));
  if (edited !== text) edit(model, session, key, edited, "setbit");
  return integer(bitAt(long, offset));
};

const getbit: ModelCommand = (model, session, [, key, offsetText]) => {
  const offset = bitOffset(offsetText, null);
  if (offset === null) return BAD_OFFSET;
  const text = textOf(model.get(session, key));
  return text === null ? WRONG_TYPE : integer(bitAt(text ?? "", offset));
};

// -- counting and searching -----------------------------------------------------------------------------

/** A range of bits, the end included; negative numbers count from the end. */
function bitRange(text: string, start: bigint, end: bigint, byBit: boolean): [number, number] {
  const total = BigInt(text.length * (byBit ? 8 : 1));
  let [from, to] = [start < 0n ? start + total : start, end < 0n ? end + total : end];
  if (from < 0n) from = 0n;
  if (to < 0n) to = 0n;
  if (to >= total) to = total - 1n;
  if (from > to) return [1, 0];
  return byBit ? [Number(from), Number(to)] : [Number(from) * 8, Number(to) * 8 + 7];
}

const bitcount: ModelCommand = (model, session, words) => {
  const [, key, startText, endText, unit] = words;
  const hasRange = words.length > 2;
  if (words.length === 3 || words.length > 5) return SYNTAX_ERROR;
  const start = hasRange ? int64(startText) : 0n;
  const end = hasRange ? int64(endText) : -1n;
  if (start === null || end === null) return NOT_INTEGER;
  if (unit !== undefined && !/^(bit|byte)$/i.test(unit)) return SYNTAX_ERROR;
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  if (text === undefined || (start < 0n && end < 0n && start > end)) return integer(0);
  const [from, to] = bitRange(text, start, end, unit?.toLowerCase() === "bit");
  let count = 0;
  for (let at = from; at <= to; at++) count += bitAt(text, at);
  return integer(count);
};

const bitpos: ModelCommand = (model, session, words) => {
  const [, key, bitText, startText, endText, unit] = words;
  const bit = int64(bitText);
  if (bit === null) return NOT_INTEGER;
  if (bit !== 0n && bit !== 1n) return error("The bit argument must be 1 or 0.");
  if (words.length > 6) return SYNTAX_ERROR;
  const start = startText === undefined ? 0n : int64(startText);
  if (start === null) return NOT_INTEGER;
  if (unit !== undefined && !/^(bit|byte)$/i.test(unit)) return SYNTAX_ERROR;
  const end = endText === undefined ? -1n : int64(endText);
  if (end === null) return NOT_INTEGER;
  const text = textOf(model.get(session, key));
  if (text === null) return WRONG_TYPE;
  if (text === undefined) return integer(bit === 1n ? -1 : 0);
  const [from, to] = bitRange(text, start, end, unit?.toLowerCase() === "bit");
  for (let at = from; at <= to; at++) if (bitAt(text, at) === Number(bit)) return integer(at);
  // Without an end, the string goes on with zeros.
  const isOpen = endText === undefined && bit === 0n && from <= to;
  return integer(isOpen ? text.length * 8 : -1);
};

const bitop: ModelCommand = (model, session, [, opText, target, ...keys]) => {
  const op = opText.toLowerCase();
  if (!["and", "or", "xor", "not"].includes(op)) return SYNTAX_ERROR;
  if (op === "not" && keys.length !== 1) {
    return error("BITOP NOT must be called with a single source key.");
  }
  const texts: string[] = [];
  for (const key of keys) {
    const text = textOf(model.get(session, key));
    if (text === null) return WRONG_TYPE;
    texts.push(text ?? "");
  }
  const length = Math.max(...texts.map((text) => text.length));
  const bytes: number[] = [];
  for (let i = 0; i < length; i++) {
    const [first, ...rest] = texts.map((text) => (i < text.length ? text.charCodeAt(i) : 0));
    bytes.push(rest.reduce((a, b) => combine(op, a, b), op === "not" ? ~first & 0xff : first));
  }
  if (length > 0) {
    const result = bytes.map((byte) => String.fromCharCode(byte)).join("");
    model.set(session, target, { kind: "string", text: result }, -1);
    model.notify(session.db, "$", "set", target);
  } else if (model.drop(session, target)) model.notify(session.db, "g", "del", target);
  return integer(length);
};

function combine(op: string, a: number, b: number): number {
  if (op === "and") return a & b;
  return op === "or" ? a | b : a ^ b;
}

// -- BITFIELD -------------------------------------------------------------------------------------------

interface FieldOperation {
  readonly kind: string;
  readonly signed: boolean;
  readonly bits: number;
  readonly offset: number;
  readonly value: bigint;
  readonly overflow: string;
}

function parseOperations(words: readonly string[]): FieldOperation[] | string {
  const operations: FieldOperation[] = [];
  let overflow = "wrap";
  for (let i = 2; i < words.length; ) {
    const kind = words[i].toLowerCase();
    const left = words.length - i - 1;
    if (kind === "overflow" && left >= 1) {
      overflow = words[i + 1].toLowerCase();
      if (!["wrap", "sat", "fail"].includes(overflow)) {
        return error("Invalid OVERFLOW type specified");
      }
      i += 2;
      continue;
    }
    const arguments_ = kind === "get" ? 2 : kind === "set" || kind === "incrby" ? 3 : -1;
    if (arguments_ === -1 || left < arguments_) return SYNTAX_ERROR;
    const type = /^([iu])([1-9][0-9]?)$/.exec(words[i + 1]);
    const bits = Number(type?.[2] ?? 0);
    if (type === null || bits > (type[1] === "u" ? 63 : 64)) {
      return error(
        "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
      );
    }
    const offset = bitOffset(words[i + 2], BigInt(bits));
    if (offset === null) return BAD_OFFSET;
    const value = arguments_ === 3 ? int64(words[i + 3]) : 0n;
    if (value === null) return NOT_INTEGER;
    operations.push({ kind, signed: type[1] === "i", bits, offset, value, overflow });
    i += arguments_ + 1;
  }
  return operations;
}

function readField(text: string, { offset, bits, signed }: FieldOperation): bigint {
  let value = 0n;
  for (let i = 0; i < bits; i++) value = (value << 1n) | BigInt(bitAt(text, offset + i));
  return signed ? BigInt.asIntN(bits, value) : value;
}

function writeField(text: string, { offset, bits }: FieldOperation, value: bigint): string {
  let edited = text;
  for (let i = 0; i < bits; i++) {
    edited = withBit(edited, offset + i, Number((value >> BigInt(bits - 1 - i)) & 1n));
  }
  return edited;
}

/** What is stored for a value that may not fit; null when that is a failure. */
function fitted(value: bigint, { bits, signed, overflow, kind }: FieldOperation): bigint | null {
  // SET takes its value for a number without sign when the field has none.
  const given = kind === "set" && !signed ? BigInt.asUintN(64, value) : value;
  const max = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
  const min = signed ? -max - 1n : 0n;
  if (given >= min && given <= max) return given;
  if (overflow === "fail") return null;
  // Far below the minimum Redis's distance to the maximum wraps, and it saturates there.
  const isHigh = given > max || (kind === "set" && signed && BigInt.asIntN(64, max - given) < 0n);
  if (overflow === "sat") return isHigh ? max : min;
  return signed ? BigInt.asIntN(bits, given) : BigInt.asUintN(bits, given);
}

function bitfield(readOnly: boolean): ModelCommand {
  return (model, session, words) => {
    const operations = parseOperations(words);
    if (typeof operations === "string") return operations;
    const writes = operations.filter(({ kind }) => kind !== "get");
    if (readOnly && writes.length > 0) {
      return error("BITFIELD_RO only supports the GET subcommand");
    }
    return runOperations(model, session, words[1], operations, writes);
  };
}

function runOperations(
  model: Model,
  session: Session,
  key: string,
  operations: readonly FieldOperation[],
  writes: readonly FieldOperation[],
): string {
  const before = textOf(model.get(session, key));
  if (before === null) return WRONG_TYPE;
  let text = before ?? "";
  if (writes.length > 0) {
    text = lengthened(text, Math.max(...writes.map(({ offset, bits }) => offset + bits - 1)));
  }
  const grew = text !== before;
  let changes = 0;
  const replies = operations.map((operation) => {
    const old = readField(text, operation);
    if (operation.kind === "get") return integer(old);
    const isSet = operation.kind === "set";
    const value = fitted(isSet ? operation.value : old + operation.value, operation);
    if (value === null) return nil(session);
    text = writeField(text, operation, value);
    if (grew || value !== old) changes++;
    return integer(isSet ? old : value);
  });
  if (writes.length > 0) {
    if (changes > 0) edit(model, session, key, text, "setbit");
    else if (grew) growSilently(model, session, key, text);
  }
  return array(replies);
}

/** Room was made for fields that were not written after all: nobody is told. */
function growSilently(model: Model, session: Session, key: string, text: string): void {
  const found = model.get(session, key);
  if (found === undefined) model.addSilently(session, key, { kind: "string", text });
  else found.content = { kind: "string", text };
}

export const bitModel: ModelFamily = [
  ["setbit", 4, setbit],
  ["getbit", 3, getbit],
  ["bitcount", -2, bitcount],
  ["bitpos", -3, bitpos],
  ["bitop", -4, bitop],
  ["bitfield", -2, bitfield(false)],
  ["bitfield_ro", -2, bitfield(true)],
];
