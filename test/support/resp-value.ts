// Replies as values, and the strict parser that makes them.
//
// A value holds every byte of its reply: texts are latin1 strings (one character per byte), numbers
// stay texts, a null remembers which of the three wire forms it had. Lengths are only accepted in
// canonical form (no sign, no leading zero), so `encode(parse(bytes))` gives back the same bytes,
// and comparing two values compares two replies to the byte.

export type RespValue =
  | { kind: "simple" | "error" | "bulk" | "integer" | "double" | "bignum"; text: string }
  | { kind: "blobError" | "verbatim"; text: string }
  | { kind: "null"; form: NullForm }
  | { kind: "boolean"; text: "t" | "f" }
  | { kind: AggregateKind; items: RespValue[] }
  | { kind: "attribute"; items: RespValue[]; value: RespValue };

export type NullForm = "$-1" | "*-1" | "_";
export type AggregateKind = "array" | "set" | "push" | "map";

/** Lines of the form `<sigil><text>\r\n`. */
const LINE_KINDS = {
  "+": "simple",
  "-": "error",
  ":": "integer",
  ",": "double",
  "(": "bignum",
} as const;
/** `<sigil><length>\r\n<bytes>\r\n`. A verbatim text keeps its "txt:" in front. */
const BLOB_KINDS = { $: "bulk", "!": "blobError", "=": "verbatim" } as const;
const AGGREGATE_KINDS = { "*": "array", "~": "set", ">": "push", "%": "map" } as const;

const SIGILS: Record<string, string> = {
  simple: "+",
  error: "-",
  integer: ":",
  double: ",",
  bignum: "(",
  bulk: "$",
  blobError: "!",
  verbatim: "=",
  array: "*",
  set: "~",
  push: ">",
  map: "%",
};

/** The wire sigil of a kind of value. */
export function sigilOf(kind: string): string {
  return SIGILS[kind]!;
}

/** Bytes that are not RESP2 or RESP3 as Redis writes it. */
export class ProtocolError extends Error {}

const DEPTH_MAX = 64;
const LINE_BYTES_MAX = 64 * 1024;

/** What `parseReply` found: one whole reply, or how many bytes there must be before it pays to try again. */
export type ParseResult =
  | { value: RespValue; end: number; bytesNeeded: 0 }
  | { value: null; end: 0; bytesNeeded: number };

/** Reads one reply at `start`. Throws ProtocolError on bytes that no RESP reply begins with. */
export function parseReply(bytes: Buffer, start = 0): ParseResult {
  const cursor: Cursor = { bytes, at: start, bytesNeeded: 0 };
  const value = parseValue(cursor, 0);
  if (value === null) return { value: null, end: 0, bytesNeeded: cursor.bytesNeeded };
  return { value, end: cursor.at, bytesNeeded: 0 };
}

interface Cursor {
  bytes: Buffer;
  at: number;
  /** Set when the input ended too early: the length the buffer must at least have. */
  bytesNeeded: number;
}

function parseValue(cursor: Cursor, depth: number): RespValue | null {
  if (depth > DEPTH_MAX) throw new ProtocolError("reply is nested too deep");
  const line = takeLine(cursor);
  if (line === null) return null;
  const sigil = line[0] ?? "";
  const rest = line.slice(1);
  if (sigil in LINE_KINDS) return parseLine(sigil as keyof typeof LINE_KINDS, rest);
  if (line === "_" || line === "$-1" || line === "*-1") return { kind: "null", form: line };
  if (line === "#t" || line === "#f") return { kind: "boolean", text: line === "#t" ? "t" : "f" };
  if (sigil in BLOB_KINDS) {
    return takeBlob(cursor, BLOB_KINDS[sigil as keyof typeof BLOB_KINDS], lengthOf(rest, line));
  }
  if (sigil in AGGREGATE_KINDS) {
    const kind = AGGREGATE_KINDS[sigil as keyof typeof AGGREGATE_KINDS];
    const count = lengthOf(rest, line) * (kind === "map" ? 2 : 1);
    const items = takeItems(cursor, count, depth);
    return items === null ? null : { kind, items };
  }
  if (sigil === "|") {
    const items = takeItems(cursor, lengthOf(rest, line) * 2, depth);
    const value = items === null ? null : parseValue(cursor, depth + 1);
    return value === null ? null : { kind: "attribute", items: items!, value };
  }
  throw new ProtocolError(`not a reply: ${JSON.stringify(line.slice(0, 80))}`);
}

function parseLine(sigil: keyof typeof LINE_KINDS, text: string): RespValue {
  if (sigil === ":" && !/^(0|-?[1-9]\d*)$/.test(text)) {
    throw new ProtocolError(`not an integer reply: ${JSON.stringify(text)}`);
  }
  if (sigil === "(" && !/^(0|-?[1-9]\d*)$/.test(text)) {
    throw new ProtocolError(`not a big number reply: ${JSON.stringify(text)}`);
  }
  if (sigil === "," && !/^(-?\d+(\.\d+)?(e[+-]?\d+)?|-?inf|nan)$/.test(text)) {
    throw new ProtocolError(`not a double reply: ${JSON.stringify(text)}`);
  }
  return { kind: LINE_KINDS[sigil], text };
}

/** The line without its \r\n, or null when it is not whole yet. */
function takeLine(cursor: Cursor): string | null {
  const { bytes, at } = cursor;
  const end = bytes.indexOf(10, at);
  if (end < 0) {
    if (bytes.length - at > LINE_BYTES_MAX) throw new ProtocolError("reply line is too long");
    cursor.bytesNeeded = bytes.length + 1;
    return null;
  }
  if (end === at || bytes[end - 1] !== 13) throw new ProtocolError("reply line ends in a bare \\n");
  const line = bytes.toString("latin1", at, end - 1);
  if (line.includes("\r")) throw new ProtocolError("reply line holds a bare \\r");
  cursor.at = end + 1;
  return line;
}

function takeBlob(
  cursor: Cursor,
  kind: "bulk" | "blobError" | "verbatim",
  length: number,
): RespValue | null {
  const { bytes, at } = cursor;
  const end = at + length;
  if (bytes.length < end + 2) {
    cursor.bytesNeeded = end + 2;
    return null;
  }
  if (bytes[end] !== 13 || bytes[end + 1] !== 10) {
    throw new ProtocolError(`no \\r\\n after the ${length} bytes of a bulk`);
  }
  const text = bytes.toString("latin1", at, end);
  if (kind === "verbatim" && text[3] !== ":") throw new ProtocolError("verbatim without a format");
  cursor.at = end + 2;
  return { kind, text };
}

function takeItems(cursor: Cursor, count: number, depth: number): RespValue[] | null {
  const items: RespValue[] = [];
  for (let index = 0; index < count; index++) {
    const item = parseValue(cursor, depth + 1);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

function lengthOf(digits: string, line: string): number {
  if (!/^(0|[1-9]\d{0,9})$/.test(digits)) {
    throw new ProtocolError(`not a length: ${JSON.stringify(line.slice(0, 80))}`);
  }
  return Number(digits);
}

/** The bytes of a value, as a latin1 string. */
export function encodeReply(value: RespValue): string {
  switch (value.kind) {
    case "null":
      return `${value.form}\r\n`;
    case "boolean":
      return `#${value.text}\r\n`;
    case "bulk":
    case "blobError":
    case "verbatim":
      return `${sigilOf(value.kind)}${value.text.length}\r\n${value.text}\r\n`;
    case "attribute":
      return `|${value.items.length / 2}\r\n${value.items.map(encodeReply).join("")}${encodeReply(value.value)}`;
    case "array":
    case "set":
    case "push":
      return `${sigilOf(value.kind)}${value.items.length}\r\n${value.items.map(encodeReply).join("")}`;
    case "map":
      return `%${value.items.length / 2}\r\n${value.items.map(encodeReply).join("")}`;
    default:
      return `${sigilOf(value.kind)}${value.text}\r\n`;
  }
}
