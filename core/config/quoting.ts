// Arguments in one line of text, as redis.conf, redis-cli and inline commands write them:
//
//   set name "with \"quotes\", \x00 bytes and \n lines" 'or '\'single'\' ones'
//
// Inside double quotes backslashes escape; inside single quotes only \' does. A closing quote must
// be followed by a blank. All text is one character per byte.
// util/quoted.ts is the way back.

/** What C's isspace calls a space. */
function isSpace(character: string | undefined): boolean {
  return character !== undefined && /^[ \t\n\v\f\r]$/.test(character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/** Splits a line into its arguments; null when a quote is not closed, or not followed by a blank. */
export function splitArgs(line: string): string[] | null {
  const end = line.includes("\0") ? line.indexOf("\0") : line.length;
  const args: string[] = [];
  let at = 0;
  for (;;) {
    while (at < end && isSpace(line[at])) at++;
    if (at >= end) return args;
    const token = readToken(line, at, end);
    if (token === null) return null;
    args.push(token.text);
    at = token.next;
  }
}

/** One argument from `start` on; a quote may also open in the middle of it, and then ends it. */
function readToken(
  line: string,
  start: number,
  end: number,
): { text: string; next: number } | null {
  let text = "";
  let at = start;
  while (at < end && !" \n\r\t".includes(line[at])) {
    const character = line[at++];
    if (character !== '"' && character !== "'") {
      text += character;
      continue;
    }
    while (line[at] !== character) {
      if (at >= end) return null;
      if (line[at] !== "\\" || at + 1 >= end) {
        text += line[at++];
      } else if (character === "'") {
        // Only \' is special here; a backslash before anything else is itself.
        const quoted = line[at + 1] === "'";
        text += quoted ? "'" : "\\";
        at += quoted ? 2 : 1;
      } else {
        const hex = /^\\x([0-9a-fA-F]{2})/.exec(line.slice(at, Math.min(at + 4, end)));
        text += hex ? String.fromCharCode(Number.parseInt(hex[1], 16)) : unescaped(line[at + 1]);
        at += hex ? 4 : 2;
      }
    }
    at++;
    return at >= end || isSpace(line[at]) ? { text, next: at } : null;
  }
  return { text, next: at };
}

function unescaped(character: string): string {
  return ESCAPES[character] ?? character;
}

/** Without the blanks around, as Redis trims lines of a configuration file. */
export function trimLine(line: string): string {
  return line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}
