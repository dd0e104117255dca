// Bytes as readable text: the quoting that transcripts use for arguments and for bulk replies.
//
//   "plain"  "two words"  "a\r\n\x00\xff"  "\"quoted\" and a \\"     escapes as redis-cli prints them
//   "ab"*1000                                                       a piece repeated
//   "x""\x00"*3"y"                                                  pieces one after the other
//
// All texts are latin1 strings: one character per byte.

const ESCAPES: Record<string, string> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
  '"': '\\"',
  "\\": "\\\\",
};
const UNESCAPES: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  '"': '"',
  "\\": "\\",
};

/** Runs of one byte at least this long are written as `"x"*count`, where the whole text is long. */
const RUN_MIN = 32;
const LONG_TEXT_MIN = 120;

/** A readable form of bytes without the quotes around it. `quotes` false leaves `"` as it is. */
export function escapeBytes(bytes: string, quotes = true): string {
  let text = "";
  for (const char of bytes) {
    const code = char.charCodeAt(0);
    if (char === '"' && !quotes) text += char;
    else if (ESCAPES[char] !== undefined) text += ESCAPES[char];
    else if (code < 32 || code > 126) text += `\\x${code.toString(16).padStart(2, "0")}`;
    else text += char;
  }
  return text;
}

export function unescapeBytes(text: string): string {
  if (/[^\x20-\x7e]/.test(text)) throw new Error(`not ASCII; write \\x..: ${text}`);
  return text.replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (whole, code: string) => {
    if (code[0] === "x" && code.length === 3)
      return String.fromCharCode(parseInt(code.slice(1), 16));
    const char = UNESCAPES[code];
    if (char === undefined) throw new Error(`unknown escape ${whole} in: ${text}`);
    return char;
  });
}

/** The quoted form; long runs of one byte are folded. */
export function quote(bytes: string): string {
  if (bytes.length < LONG_TEXT_MIN) return `"${escapeBytes(bytes)}"`;
  const run = new RegExp(`(.)\\1{${RUN_MIN - 1},}`, "gs");
  let text = "";
  let at = 0;
  for (const match of bytes.matchAll(run)) {
    if (match.index > at) text += `"${escapeBytes(bytes.slice(at, match.index))}"`;
    text += `"${escapeBytes(match[1]!)}"*${match[0].length}`;
    at = match.index + match[0].length;
  }
  return at < bytes.length ? `${text}"${escapeBytes(bytes.slice(at))}"` : text;
}

const PIECE = /"((?:[^"\\]|\\.)*)"(?:\*(\d+))?/y;

/** Reads quoted pieces from `at` on; gives the bytes and where the pieces end. */
function takeQuoted(text: string, at: number): { bytes: string; end: number } {
  let bytes = "";
  let end = at;
  for (;;) {
    PIECE.lastIndex = end;
    const piece = PIECE.exec(text);
    if (piece === null) break;
    bytes += unescapeBytes(piece[1]!).repeat(piece[2] === undefined ? 1 : Number(piece[2]));
    end = PIECE.lastIndex;
  }
  if (end === at) throw new Error(`unbalanced quotes: ${text}`);
  return { bytes, end };
}

/** The bytes of a text that is quoted pieces and nothing else. */
export function unquote(text: string): string {
  const { bytes, end } = takeQuoted(text, 0);
  if (end !== text.length) throw new Error(`text after the closing quote: ${text}`);
  return bytes;
}

export type Variables = Map<string, string>;

/** Puts the values of `$name` into a text. */
export function substitute(text: string, variables: Variables): string {
  return text.replace(/\$([a-z][a-z0-9]*)/g, (_, name: string) => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`$${name} has no value: save it first`);
    return value;
  });
}

/** Splits a command line into arguments. Bare words stand for themselves, except for `$name`. */
export function splitCommand(line: string, variables: Variables): string[] {
  const args: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (line[at] === " ") {
      at++;
      continue;
    }
    let arg = "";
    while (at < line.length && line[at] !== " ") {
      if (line[at] === '"') {
        const quoted = takeQuoted(line, at);
        arg += quoted.bytes;
        at = quoted.end;
        continue;
      }
      let end = at;
      while (end < line.length && line[end] !== " " && line[end] !== '"') end++;
      arg += substitute(line.slice(at, end), variables);
      at = end;
    }
    args.push(arg);
  }
  return args;
}
