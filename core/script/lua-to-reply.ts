// From the value that a script returns to the reply its caller gets, in the caller's protocol:
//
//   number   integer, truncated           string   string         nil and what has no form: null
//   boolean  true: 1, false: null; after redis.setresp(3) a boolean
//   table    by the first of these fields that has the right type: err, ok, double, big_number,
//            verbatim_string, map, set; else an array up to its first nil
//
// Tables may nest as deep as Lua's stack went (a table that holds itself ends there with an error in
// its midst, as in Redis), so the nesting is kept in a stack of its own.
import { cString } from "../commands/errors.ts";
import type { Reply } from "../resp/reply.ts";
import { LuaTable } from "./lua/table.ts";
import type { LuaValue } from "./lua/value.ts";

/** Slots of Lua's stack that the conversion may use, and those that one value needs at most. */
const STACK_SLOTS_MAX = 8000;
const SLOTS_NEEDED = 4;
/** Below the value: the handler of errors. */
const SLOTS_BELOW = 1;
const TWO_TO_THE_63 = 2 ** 63;

const ARRAY_ITEMS = 0;
const MAP_KEYS = 1;
const MAP_VALUES = 2;
const SET_ITEMS = 3;

/** A table whose parts are being written. */
interface Level {
  readonly table: LuaTable;
  kind: number;
  /** Index of the next element, or the position of the pair in work. */
  next: number;
  /** Slots of Lua's stack in use with the table itself. */
  readonly slots: number;
}

/** How an error is written that a script returns in a table. */
export type ErrorWriter = (reply: Reply, text: string, isCounted: boolean) => void;

export class LuaToReply {
  readonly #writeError: ErrorWriter;
  /** The script has called redis.setresp(3): booleans stay booleans. */
  #resp = 2;
  readonly #levels: Level[] = [];

  constructor(writeError: ErrorWriter) {
    this.#writeError = writeError;
  }

  /** Writes the reply; `resp` is the protocol that the script has chosen for itself. */
  write(reply: Reply, value: LuaValue, resp: number): void {
    this.#resp = resp;
    this.#one(reply, value, SLOTS_BELOW + 1);
    while (this.#levels.length > 0) this.#advance(reply, this.#levels[this.#levels.length - 1]);
  }

  #one(reply: Reply, value: LuaValue, slots: number): void {
    if (slots + SLOTS_NEEDED > STACK_SLOTS_MAX) {
      reply.error("ERR reached lua stack limit");
    } else if (typeof value === "string") {
      reply.bulkText(value);
    } else if (typeof value === "number") {
      writeTruncated(reply, value);
    } else if (typeof value === "boolean") {
      if (this.#resp === 3) reply.boolean(value);
      else if (value) reply.integer(1);
      else reply.nil();
    } else if (value instanceof LuaTable) {
      this.#table(reply, value, slots);
    } else {
      reply.nil();
    }
  }

  #table(reply: Reply, table: LuaTable, slots: number): void {
    const error = table.get("err");
    if (typeof error === "string") {
      return this.#writeError(reply, error, table.get("ignore_error_stats_update") === true);
    }
    const status = table.get("ok");
    if (typeof status === "string") return reply.simple(oneLine(cString(status)));
    const double = table.get("double");
    if (typeof double === "number") return reply.double(double);
    const bigNumber = table.get("big_number");
    if (typeof bigNumber === "string") return reply.bigNumber(oneLine(bigNumber));
    const verbatim = table.get("verbatim_string");
    if (verbatim instanceof LuaTable) {
      const format = verbatim.get("format");
      const text = verbatim.get("string");
      if (typeof format === "string" && typeof text === "string") {
        return reply.verbatim(cString(format).slice(0, 3).padEnd(3), text);
      }
    }
    const map = table.get("map");
    const set = table.get("set");
    if (map instanceof LuaTable) {
      reply.map(pairCount(map));
      this.#enter(map, MAP_KEYS, map.nextIndex(-1), slots + 1);
    } else if (set instanceof LuaTable) {
      reply.set(pairCount(set));
      this.#enter(set, SET_ITEMS, set.nextIndex(-1), slots + 1);
    } else {
      reply.array(itemCount(table));
      this.#enter(table, ARRAY_ITEMS, 1, slots);
    }
  }

  #enter(table: LuaTable, kind: number, next: number, slots: number): void {
    this.#levels.push({ table, kind, next, slots });
  }

  /** Writes the next part of a table, or leaves it. */
  #advance(reply: Reply, level: Level): void {
    const { table, slots } = level;
    const position = level.next;
    if (level.kind === ARRAY_ITEMS) {
      const item = table.getNumber(level.next++);
      if (item === undefined) this.#levels.pop();
      else this.#one(reply, item, slots + 1);
    } else if (position < 0) {
      this.#levels.pop();
    } else if (level.kind === MAP_KEYS) {
      level.kind = MAP_VALUES;
      this.#one(reply, table.keyAt(position), slots + 3);
    } else {
      level.next = table.nextIndex(position);
      if (level.kind === SET_ITEMS) return this.#one(reply, table.keyAt(position), slots + 2);
      level.kind = MAP_KEYS;
      this.#one(reply, table.valueAt(position), slots + 2);
    }
  }
}

/** Elements before the first nil. */
function itemCount(table: LuaTable): number {
  let count = 0;
  while (table.getNumber(count + 1) !== undefined) count++;
  return count;
}

function pairCount(table: LuaTable): number {
  let count = 0;
  for (let at = table.nextIndex(-1); at >= 0; at = table.nextIndex(at)) count++;
  return count;
}

/** As C converts a double to a 64-bit integer: what does not fit becomes the smallest one. */
function writeTruncated(reply: Reply, value: number): void {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) reply.integer(whole === 0 ? 0 : whole);
  else if (whole >= -TWO_TO_THE_63 && whole < TWO_TO_THE_63) reply.bigint(BigInt(whole));
  else reply.bigint(-(2n ** 63n));
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, " ");
}
