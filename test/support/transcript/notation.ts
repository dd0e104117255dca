// Replies in the notation of transcripts: one line per token, the children of an array indented
// below it. The sigils are those of RESP, so the bytes can be read off:
//
//   +OK   -ERR text   :42   ,1.5   (12345   #t          the line itself (escaped, no quotes)
//   "bulk\r\n"   !"blob error"   ="txt:verbatim"        quoted as in text.ts
//   (nil)   (nil array)                                 $-1 and *-1 in RESP2, _ in RESP3
//   $-1   *-1   _                                       where the form is not the one of the protocol
//   *2   ~1   >3   %1   |1                              that many items (pairs) follow, indented
//   (closed)                                            the server closed the connection
//
// A RESP3 notation also stands for the RESP2 reply that Redis makes of it: maps and sets become
// arrays, doubles, big numbers and verbatim texts become bulks, #t becomes :1.
//
// What varies from run to run is matched instead of spelled out:
//
//   :*   $*   (any)                                     any integer, any bulk, any one reply
//   :90..100                                            an integer in that range, both included
//   :$id                                                the integer (or text) saved under that name
//   $/regex/   +/regex/   -/regex/   =/regex/   ,/regex/   the whole text matches
//   *3 unordered   ~3 unordered   %2 unordered          the items (pairs) in any order
//   *4 unordered pairs                                  a flat array of pairs, in any order
//   *+ containing   %+ containing                       these items (pairs) are among the others
//   (one of)                                            any of the indented replies below it

import { type RespValue, sigilOf } from "../resp-value.ts";
import { escapeBytes, quote, substitute, unescapeBytes, unquote, type Variables } from "./text.ts";

export type Protocol = 2 | 3;

/** What a `read` gave: a reply, or null when the server closed the connection. */
export type Received = RespValue | null;

type Order = "exact" | "unordered" | "unordered pairs" | "containing";

export type Pattern =
  | { kind: "text"; sigil: string; text: string }
  | { kind: "regex"; sigil: string; source: string; flags: string }
  | { kind: "range"; low: bigint | null; high: bigint | null }
  | { kind: "saved"; name: string }
  | { kind: "anyBulk" | "any" | "closed" }
  | { kind: "null"; form: "nil" | "nil array" | "$-1" | "*-1" | "_" }
  | { kind: "oneOf"; options: Pattern[] }
  | { kind: "aggregate"; sigil: string; order: Order; items: Pattern[] }
  | { kind: "attribute"; items: Pattern[]; value: Pattern };

// Writing

/** The lines of a reply as the given protocol wrote it. */
export function renderReply(value: Received, protocol: Protocol): string[] {
  if (value === null) return ["(closed)"];
  switch (value.kind) {
    case "null":
      return [renderNull(value.form, protocol)];
    case "boolean":
      return [`#${value.text}`];
    case "bulk":
      return [quote(value.text)];
    case "blobError":
    case "verbatim":
      return [sigilOf(value.kind) + quote(value.text)];
    case "array":
    case "set":
    case "push":
      return [`${sigilOf(value.kind)}${value.items.length}`, ...renderItems(value.items, protocol)];
    case "map":
      return [`%${value.items.length / 2}`, ...renderItems(value.items, protocol)];
    case "attribute":
      return [
        `|${value.items.length / 2}`,
        ...renderItems(value.items, protocol),
        ...renderReply(value.value, protocol),
      ];
    default:
      // A blank at the end of a line would be lost on editors, and on readers.
      return [sigilOf(value.kind) + escapeBytes(value.text, false).replace(/ $/, "\\x20")];
  }
}

function renderItems(items: readonly RespValue[], protocol: Protocol): string[] {
  return items.flatMap((item) => renderReply(item, protocol).map((line) => `  ${line}`));
}

function renderNull(form: "$-1" | "*-1" | "_", protocol: Protocol): string {
  if (form === "_") return protocol === 3 ? "(nil)" : "_";
  if (protocol === 3) return form;
  return form === "$-1" ? "(nil)" : "(nil array)";
}

// Reading

/** Parses the lines of several replies, one after the other. */
export function parsePatterns(lines: readonly string[]): { pattern: Pattern; lines: string[] }[] {
  const patterns: { pattern: Pattern; lines: string[] }[] = [];
  let at = 0;
  while (at < lines.length) {
    const { pattern, end } = takePattern(lines, at, 0);
    patterns.push({ pattern, lines: lines.slice(at, end) });
    at = end;
  }
  return patterns;
}

function takePattern(
  lines: readonly string[],
  at: number,
  indent: number,
): { pattern: Pattern; end: number } {
  const token = lines[at]!.slice(indent);
  if (token.startsWith(" ")) throw new Error(`indented too far: ${lines[at]}`);
  const aggregate = /^([*~>%|])(\d+|\+)(?: (unordered pairs|unordered|containing))?$/.exec(token);
  if (aggregate === null && token !== "(one of)") return { pattern: parseLeaf(token), end: at + 1 };

  const items: Pattern[] = [];
  let end = at + 1;
  while (end < lines.length && lines[end]!.startsWith(" ".repeat(indent + 2))) {
    const item = takePattern(lines, end, indent + 2);
    items.push(item.pattern);
    end = item.end;
  }
  if (aggregate === null) return { pattern: { kind: "oneOf", options: items }, end };

  const [, sigil, count, order = "exact"] = aggregate as unknown as [string, string, string, Order];
  const itemCount = Number(count) * (sigil === "%" || sigil === "|" ? 2 : 1);
  if (
    (count === "+") !== (order === "containing") ||
    (count !== "+" && items.length !== itemCount)
  ) {
    throw new Error(`${token} is followed by ${items.length} items`);
  }
  if (sigil !== "|") return { pattern: { kind: "aggregate", sigil: sigil!, order, items }, end };
  const value = takePattern(lines, end, indent);
  return { pattern: { kind: "attribute", items, value: value.pattern }, end: value.end };
}

function parseLeaf(token: string): Pattern {
  if (token === "(nil)" || token === "(nil array)") {
    return { kind: "null", form: token.slice(1, -1) as "nil" };
  }
  if (token === "$-1" || token === "*-1" || token === "_") return { kind: "null", form: token };
  if (token === "(any)" || token === "(closed)") return { kind: token.slice(1, -1) as "any" };
  if (token === "$*") return { kind: "anyBulk" };
  if (token === ":*") return { kind: "range", low: null, high: null };
  const range = /^:(-?\d+)\.\.(-?\d+)$/.exec(token);
  if (range !== null) return { kind: "range", low: BigInt(range[1]!), high: BigInt(range[2]!) };
  const saved = /^:\$([a-z][a-z0-9]*)$/.exec(token);
  if (saved !== null) return { kind: "saved", name: saved[1]! };
  const regex = /^([-+$=,!])\/(.*)\/([a-z]*)$/.exec(token);
  if (regex !== null) {
    return { kind: "regex", sigil: regex[1]!, source: regex[2]!, flags: regex[3]! };
  }
  if (token.startsWith('"')) return { kind: "text", sigil: "$", text: unquote(token) };
  if (/^[!=]"/.test(token))
    return { kind: "text", sigil: token[0]!, text: unquote(token.slice(1)) };
  if (token === "#t" || token === "#f" || /^([-+]|:-?\d+$|,.|\(-?\d+$)/.test(token)) {
    return { kind: "text", sigil: token[0]!, text: unescapeBytes(token.slice(1)) };
  }
  throw new Error(`not a reply in the notation of transcripts: ${token}`);
}

// Matching

/** True when the reply, written in `protocol`, is the one that the pattern stands for. */
export function matches(
  pattern: Pattern,
  value: Received,
  protocol: Protocol,
  variables: Variables,
): boolean {
  if (value === null) return pattern.kind === "closed";
  switch (pattern.kind) {
    case "closed":
      return false;
    case "any":
      return true;
    case "anyBulk":
      return value.kind === "bulk";
    case "text":
      return matchesText(pattern.sigil, value, protocol, (text) => text === pattern.text);
    case "regex": {
      const source = substitute(pattern.source, variables);
      const regex = new RegExp(`^(?:${source})$`, pattern.flags);
      return matchesText(pattern.sigil, value, protocol, (text) => regex.test(text));
    }
    case "range":
      return value.kind === "integer" && inRange(BigInt(value.text), pattern.low, pattern.high);
    case "saved":
      return "text" in value && value.text === variables.get(pattern.name);
    case "null":
      return value.kind === "null" && value.form === nullForm(pattern.form, protocol);
    case "oneOf":
      return pattern.options.some((option) => matches(option, value, protocol, variables));
    case "attribute":
      if (protocol === 2) return matches(pattern.value, value, protocol, variables);
      return (
        value.kind === "attribute" &&
        matchesItems("exact", 1, pattern.items, value.items, protocol, variables) &&
        matches(pattern.value, value.value, protocol, variables)
      );
    case "aggregate": {
      const sigil = protocol === 2 ? "*" : pattern.sigil;
      if (!("items" in value) || value.kind === "attribute" || sigilOf(value.kind) !== sigil) {
        return false;
      }
      const paired = pattern.sigil === "%" || pattern.order === "unordered pairs";
      const { order, items } = pattern;
      return matchesItems(order, paired ? 2 : 1, items, value.items, protocol, variables);
    }
  }
}

function matchesText(
  sigil: string,
  value: RespValue,
  protocol: Protocol,
  test: (text: string) => boolean,
): boolean {
  if (!("text" in value)) return false;
  if (protocol === 3) {
    return (value.kind === "boolean" ? "#" : sigilOf(value.kind)) === sigil && test(value.text);
  }
  switch (sigil) {
    case "#":
      return value.kind === "integer" && /^[01]$/.test(value.text) && test("ft"[+value.text]!);
    case ",":
    case "(":
      return value.kind === "bulk" && test(value.text);
    case "=":
      return value.kind === "bulk" && (test(`txt:${value.text}`) || test(`mkd:${value.text}`));
    case "!":
      return value.kind === "error" && test(value.text);
    default:
      return sigilOf(value.kind) === sigil && test(value.text);
  }
}

function inRange(value: bigint, low: bigint | null, high: bigint | null): boolean {
  return (low === null || value >= low) && (high === null || value <= high);
}

function nullForm(form: "nil" | "nil array" | "$-1" | "*-1" | "_", protocol: Protocol): string {
  if (form !== "nil" && form !== "nil array") return form;
  if (protocol === 3) return "_";
  return form === "nil" ? "$-1" : "*-1";
}

/** Items come in groups of `groupSize` (1, or 2 for key and value). */
function matchesItems(
  order: Order,
  groupSize: number,
  patterns: readonly Pattern[],
  values: readonly RespValue[],
  protocol: Protocol,
  variables: Variables,
): boolean {
  if (order !== "containing" && patterns.length !== values.length) return false;
  const groupAt = (patternAt: number, valueAt: number): boolean => {
    for (let i = 0; i < groupSize; i++) {
      const value = values[valueAt + i]!;
      if (!matches(patterns[patternAt + i]!, value, protocol, variables)) return false;
    }
    return true;
  };
  if (order === "exact") return patterns.every((_, at) => at % groupSize || groupAt(at, at));

  // Greedy pairing is enough: patterns that overlap without being equal do not belong in one set.
  const used = new Set<number>();
  for (let at = 0; at < patterns.length; at += groupSize) {
    let found = -1;
    for (let i = 0; i < values.length && found < 0; i += groupSize) {
      if (!used.has(i) && groupAt(at, i)) found = i;
    }
    if (found < 0) return false;
    used.add(found);
  }
  return true;
}
