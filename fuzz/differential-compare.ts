// When two replies count as equal: the same bytes, or the same after what a server is free to choose,
// or what Redis changed between 7.0 (the reference) and 7.4 (the contract), is taken away.
import { encodeReply, parseReply, type RespValue } from "../test/support/resp-value.ts";
import type { Words } from "./differential-commands.ts";

const DIGITS_ALIKE = 14;

type Aggregate = Extract<RespValue, { items: RespValue[] }>;

/** Their order is a hash table's. */
const UNORDERED: ReadonlySet<string> = new Set([
  "SMEMBERS",
  "SINTER",
  "SUNION",
  "SDIFF",
  "SPOP",
  "KEYS",
  "HKEYS",
  "HVALS",
]);
/** A cursor and elements in a hash table's order; how many words make an element. */
const SCANS: Readonly<Record<string, number>> = { SCAN: 1, SSCAN: 1, HSCAN: 2 };
/** Chosen at random: only the number of elements counts. */
const RANDOM: ReadonlySet<string> = new Set(["SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER"]);
/** Numbers that say how a server is built. */
const STREAM_INFO_MASKED: ReadonlySet<string> = new Set(["radix-tree-keys", "radix-tree-nodes"]);
const CONSUMERS: ReadonlySet<string> = new Set(["consumers"]);

/** Compares the replies to commands sent one after another over one connection. */
export class Comparison {
  readonly #isOlder: boolean;
  /** What EXEC will answer for; null outside of a transaction. */
  #queued: Words[] | null = null;

  /** `isOlder`: the reference is older than Redis 7.4. */
  constructor(isOlder: boolean) {
    this.#isOlder = isOlder;
  }

  /** Whether the replies to the next command mean the same. */
  next(words: Words, expected: Buffer, given: Buffer): boolean {
    const name = words[0].toUpperCase();
    const queued = this.#queued;
    if (name === "MULTI") this.#queued ??= [];
    else if (name === "EXEC" || name === "DISCARD") this.#queued = null;
    else if (expected.toString("latin1") === "+QUEUED\r\n") queued?.push(words);
    if (expected.equals(given)) return true;
    const a = parsed(expected);
    const b = parsed(given);
    if (name !== "EXEC") return this.#same(words, a, b);
    if (!("items" in a && "items" in b) || a.items.length !== b.items.length) return false;
    return a.items.every((item, i) => this.#same(queued?.[i] ?? words, item, b.items[i]));
  }

  #same(words: Words, expected: RespValue, given: RespValue): boolean {
    const isOlder = this.#isOlder;
    if (normal(words, expected, isOlder) === normal(words, given, isOlder)) return true;
    return isOlder && VERSION_RULES.some((rule) => rule(words, expected, given));
  }
}

function parsed(raw: Buffer): RespValue {
  const { value } = parseReply(raw);
  if (value === null) throw new Error(`half a reply: ${JSON.stringify(raw.toString("latin1"))}`);
  return value;
}

/** The reply as text, without what may differ. */
function normal(words: Words, value: RespValue, isOlder: boolean): string {
  const name = words[0].toUpperCase();
  // The server's name for itself and its version.
  if (name === "HELLO") return value.kind;
  // Only the first cursor means the same everywhere.
  if (/SCAN$/.test(name) && words[name === "SCAN" ? 1 : 2] !== "0") return value.kind;
  if (RANDOM.has(name))
    return "items" in value ? `${value.kind} ${value.items.length}` : value.kind;
  // Which of several places at the same distance come first, or at all, depends on a partial sort.
  if (name === "GEOSEARCH" && words.includes("COUNT") && "items" in value) {
    return `${value.kind} ${value.items.length}`;
  }
  if (UNORDERED.has(name) && "items" in value) return sorted(value.items, 1);
  // Elements without a weight stay as they came, from a hash table as the case may be.
  if (/^SORT/.test(name) && words.some((word) => word.toUpperCase() === "BY") && "items" in value) {
    return sorted(value.items, 1);
  }
  if (name === "HGETALL" && "items" in value) return sorted(value.items, 2);
  if (/^B?Z|^GEO/.test(name)) {
    const alike = isOlder || name.startsWith("GEO") ? mapTexts(value, sameDigits) : value;
    return name === "ZSCAN" ? scanned(alike, 2) : encodeReply(alike);
  }
  if (name in SCANS) {
    const hasNoValues = words.some((word) => word.toUpperCase() === "NOVALUES");
    return scanned(value, hasNoValues ? 1 : SCANS[name]);
  }
  if (name === "XINFO" && "items" in value)
    return encodeReply(maskTimes(maskFields(value, STREAM_INFO_MASKED)));
  if (name === "DUMP" && "text" in value) return dumped(value.text);
  if (/^H?P?TTL$/.test(name)) return encodeReply(maskTimes(value));
  if (name === "XPENDING" && "items" in value) return encodeReply(maskIdle(value));
  return encodeReply(value);
}

/** A cursor, and elements of `width` words. */
function scanned(value: RespValue, width: number): string {
  if (!("items" in value) || !("items" in value.items[1])) return encodeReply(value);
  return encodeReply(value.items[0]) + sorted(value.items[1].items, width);
}

/** Items in groups of `width`, in an order of their own. */
function sorted(items: readonly RespValue[], width: number): string {
  const groups: string[] = [];
  for (let i = 0; i < items.length; i += width) {
    groups.push(
      items
        .slice(i, i + width)
        .map(encodeReply)
        .join(""),
    );
  }
  return groups.sort().join("");
}

/**
 * Since 7.2 doubles are written with as few digits as needed, instead of with 17; and the last digit
 * of a distance is the C library's.
 */
function sameDigits(text: string): string {
  const isNumber = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) && text !== "-0";
  return isNumber ? Number(text).toPrecision(DIGITS_ALIKE) : text;
}

function mapTexts(value: RespValue, change: (text: string) => string): RespValue {
  if ("items" in value)
    return { ...value, items: value.items.map((item) => mapTexts(item, change)) };
  return value.kind === "bulk" || value.kind === "double"
    ? { ...value, text: change(value.text) }
    : value;
}

/** Fields and their values, without the numbers in some of them. */
function maskFields(value: Aggregate, masked: ReadonlySet<string>): RespValue {
  return {
    ...value,
    items: value.items.map((item, i) => {
      const field = value.items[i - 1];
      const isMasked = field !== undefined && "text" in field && masked.has(field.text);
      return isMasked && i % 2 === 1 ? { kind: "integer", text: "0" } : item;
    }),
  };
}

/** Types of values in DUMP whose elements come in the order of a hash table, or with the time of day. */
const UNORDERED_DUMPS: ReadonlySet<number> = new Set([2, 4, 15, 19, 20, 21, 22, 24]);

/** The type of a packed hash with expiring fields. The time of the first follows. */
const PACKED_EXPIRING_HASH = 25;
const DUMP_TYPE_AND_TIME = 9;
const DUMP_CHECKSUM = 8;

/**
 * A dumped value, of unordered ones only the type and the length. Redis lets the time at which a hash
 * has something to expire be some seconds off, to save work.
 */
function dumped(text: string): string {
  const type = text.charCodeAt(0);
  if (UNORDERED_DUMPS.has(type)) return `${type} ${text.length}`;
  return type === PACKED_EXPIRING_HASH ? text.slice(DUMP_TYPE_AND_TIME, -DUMP_CHECKSUM) : text;
}

/** Numbers that may be times of day or spans of time. */
const TIME_MIN = 1_000_000_000;
const TIMES: ReadonlySet<string> = new Set(["idle", "inactive", "seen-time", "active-time"]);
const TIME: RespValue = { kind: "integer", text: "time" };

/** Without what depends on the time of day: large numbers, and those behind some names. */
function maskTimes(value: RespValue, name?: RespValue): RespValue {
  if ("items" in value) {
    return { ...value, items: value.items.map((item, i) => maskTimes(item, value.items[i - 1])) };
  }
  if (value.kind !== "integer") return value;
  const isNamed = name !== undefined && "text" in name && TIMES.has(name.text);
  return Number(value.text) >= (isNamed ? 0 : TIME_MIN) ? TIME : value;
}

/** XPENDING with a range tells for how long each entry has been idle. */
function maskIdle(value: Aggregate): RespValue {
  return {
    ...value,
    items: value.items.map((item) =>
      "items" in item && item.items.length === 4
        ? {
            ...item,
            items: item.items.map(
              (part, i): RespValue => (i === 2 ? { kind: "integer", text: "0" } : part),
            ),
          }
        : item,
    ),
  };
}

/** Whether replies of 7.0 and 7.4 to a command differ only in what was changed between the two. */
type VersionRule = (words: Words, expected: RespValue, given: RespValue) => boolean;

const VERSION_RULES: readonly VersionRule[] = [
  // Since 7.2 sets can be packed, and short lists are a single packed block.
  (words, expected, given) =>
    isCall(words, "OBJECT") &&
    (isText(expected, "quicklist") || isText(expected, "hashtable")) &&
    isText(given, "listpack"),
  // Since 7.2 a command that brings many members or fields makes their key large at once, however many
  // are the same.
  (words, expected, given) =>
    isCall(words, "OBJECT") &&
    isText(expected, "listpack") &&
    (isText(given, "skiplist") || isText(given, "hashtable")),
  // Since 7.2 LPOS does not count as many as cannot be counted backwards.
  (words, _expected, given) =>
    isCall(words, "LPOS") && "text" in given && given.text.startsWith("ERR value is out of range"),
  // Since 7.4 XREAD takes a + for the last entry, and XREADGROUP says why it does not.
  (words, expected) => /^XREAD/i.test(words[0]) && words.includes("+") && expected.kind === "error",
  // Since 7.2 arguments that are wrong are noticed before the key is found missing, and cursors are
  // checked more strictly.
  (words, _expected, given) =>
    /^(BITCOUNT|BITPOS|[SHZ]?SCAN)$/i.test(words[0]) && given.kind === "error",
  // Since 7.2 this error names the command.
  (_words, expected, given) =>
    isText(expected, UNBALANCED) && "text" in given && given.text.startsWith("ERR Unbalanced '"),
  // Since 7.2 XREADGROUP makes a consumer even when there is nothing to read.
  (words, expected, given) =>
    /^XGROUP CREATECONSUMER/i.test(words.join(" ")) && expected.kind === given.kind,
  (words, expected, given) =>
    /^XINFO GROUPS/i.test(words.join(" ")) &&
    encodeReply(mapItems(expected, withoutConsumers)) ===
      encodeReply(mapItems(given, withoutConsumers)),
  // 7.0 finds nothing at negative offsets.
  (words, expected) =>
    /^ZREV|^ZRANGE/i.test(words[0]) && /LIMIT -/i.test(words.join(" ")) && isEmpty(expected),
];

function isCall(words: Words, name: string): boolean {
  return words[0].toUpperCase() === name;
}

function isText(value: RespValue, text: string): boolean {
  return "text" in value && value.text === text;
}

const UNBALANCED =
  "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.";

function isEmpty(value: RespValue): boolean {
  return "items" in value && value.items.length === 0;
}

function mapItems(value: RespValue, change: (item: RespValue) => RespValue): RespValue {
  return "items" in value ? { ...value, items: value.items.map(change) } : value;
}

function withoutConsumers(group: RespValue): RespValue {
  return "items" in group ? maskFields(group, CONSUMERS) : group;
}
