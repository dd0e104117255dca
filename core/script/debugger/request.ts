// The requests of a debugger's client: arrays of bulk strings, read by rules of their own. What stands
// before the asterisk does not matter, a NUL byte ends the text wherever a sign is looked for, and numbers
// are what C's atoi makes of them.
const DOLLAR = 36;
const LINE_END = "\r\n";
const ARGUMENTS_MAX = 1024;
const ARGUMENT_BYTES_MAX = 1024;

/** The arguments; null: more has to be read; "": it is no request. */
export type Request = readonly string[] | null | "";

/** Reads a request from text of one character per byte. */
export function parseRequest(text: string): Request {
  if (text === "") return null;
  const start = find(text, "*", 0);
  if (start < 0) return "";
  const lineEnd = find(text, LINE_END, start);
  if (lineEnd < 0) return null;
  const count = atoi(text.slice(start + 1, lineEnd));
  if (count <= 0 || count > ARGUMENTS_MAX) return "";
  const args: string[] = [];
  let at = lineEnd + 2;
  while (args.length < count) {
    // The end, or a NUL, which looks like it.
    const sign = at < text.length ? text.charCodeAt(at) : 0;
    if (sign === 0) return null;
    if (sign !== DOLLAR) return "";
    const headEnd = find(text, LINE_END, at);
    if (headEnd < 0) return null;
    const length = atoi(text.slice(at + 1, headEnd));
    if (length <= 0 || length > ARGUMENT_BYTES_MAX) return "";
    at = headEnd + 2;
    if (at + length + 2 > text.length) return null;
    args.push(text.slice(at, at + length));
    at += length;
    if (!text.startsWith(LINE_END, at)) return "";
    at += 2;
  }
  return args;
}

/** As strstr: -1 when a NUL or the end comes first. */
function find(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  if (at < 0) return -1;
  const nul = text.indexOf("\0", from);
  return nul >= 0 && nul < at ? -1 : at;
}

const INT64_MAX = 2n ** 63n - 1n;

/** C's atoi: the number that the text begins with, cut down to 32 bits. */
export function atoi(text: string): number {
  const digits = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  if (digits === null) return 0;
  const value = Number(digits[1]);
  if (Number.isSafeInteger(value)) return value | 0;
  // What is too large for a long is the largest one.
  const exact = BigInt(digits[1]);
  const clipped = exact > INT64_MAX ? INT64_MAX : exact < -INT64_MAX - 1n ? -INT64_MAX - 1n : exact;
  return Number(BigInt.asIntN(32, clipped));
}

/** The number that all of the text is, as Redis reads a long; null when it is none. */
export function exactLong(text: string): bigint | null {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return value > INT64_MAX || value < -INT64_MAX - 1n ? null : value;
}
