// From the bytes of a command's reply to Lua values, as redis.call answers them:
//
//   :  number                       $  string; null: false       *  table; null: false
//   +  { ok = text }                -  { err = text, ignore_error_stats_update = true }
// and only after redis.setresp(3):
//   _  nil       #  boolean         ,  { double = number }       (  { big_number = digits }
//   %  { map = table }              ~  { set = { [element] = true } }
//   =  { verbatim_string = { string = text, format = three letters } }
//
// The error was counted when the command answered; the second field tells that, in case the script
// returns the error to its caller.
import { latin1 } from "../util/bytes.ts";
import { decodeText } from "../util/text-codec.ts";
import type { Runtime } from "./lua/runtime.ts";
import type { LuaTable } from "./lua/table.ts";
import type { LuaValue } from "./lua/value.ts";

const CR = 13;
const MINUS = 45;
const DIGIT_0 = 48;
const EXACT_DIGITS = 15;

const STATUS = 43;
const ERROR = 45;
const INTEGER = 58;
const BULK = 36;
const ARRAY = 42;
const NULL = 95;
const BOOLEAN = 35;
const DOUBLE = 44;
const BIG_NUMBER = 40;
const MAP = 37;
const SET = 126;
const VERBATIM = 61;
const ATTRIBUTE = 124;

export class ReplyToLua {
  readonly #runtime: Runtime;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The value of the reply that starts at bytes[start]. The reply is known to be whole and right. */
  convert(bytes: Uint8Array, start: number): LuaValue {
    this.#bytes = bytes;
    this.#at = start;
    return this.#value();
  }

  #value(): LuaValue {
    switch (this.#bytes[this.#at++]) {
      case INTEGER:
        return this.#number();
      case BULK:
        return this.#bulk();
      case STATUS:
        return this.#tableOf("ok", this.#line());
      case ARRAY:
        return this.#array();
      case ERROR:
        return this.error(this.#line());
      case NULL:
        this.#line();
        return undefined;
      case BOOLEAN:
        return this.#line() === "t";
      case DOUBLE:
        return this.#tableOf("double", numberOf(this.#line()));
      case BIG_NUMBER:
        return this.#tableOf("big_number", this.#line());
      case MAP:
        return this.#map();
      case SET:
        return this.#set();
      case VERBATIM:
        return this.#verbatim();
      case ATTRIBUTE:
        return this.#behindAttribute();
      default:
        throw new Error(`unknown type of reply ${this.#bytes[this.#at - 1]}`);
    }
  }

  #tableOf(field: string, value: LuaValue): LuaTable {
    const table = this.#runtime.table();
    table.set(field, value);
    return table;
  }

  /** The table of an error that has been counted; `text` begins with its code. */
  error(text: string): LuaTable {
    const table = this.#runtime.table();
    table.set("err", errorText(text));
    table.set("ignore_error_stats_update", true);
    return table;
  }

  /** The integer at the place reached, and CRLF behind it. */
  #number(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const start = at;
    let value = 0;
    for (let byte = bytes[at]; byte !== CR; byte = bytes[++at]) value = value * 10 + byte - DIGIT_0;
    this.#at = at + 2;
    if (at - start > EXACT_DIGITS) value = Number(latin1(bytes, start, at));
    return negative ? -value : value;
  }

  #line(): string {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    while (bytes[at] !== CR) at++;
    this.#at = at + 2;
    return latin1(bytes, start, at);
  }

  #bulk(): LuaValue {
    const length = this.#number();
    if (length < 0) return false;
    const start = this.#at;
    this.#at = start + length + 2;
    return decodeText(this.#bytes, start, start + length);
  }

  #array(): LuaValue {
    const count = this.#number();
    if (count < 0) return false;
    const table = this.#runtime.table();
    for (let i = 1; i <= count; i++) table.setNumber(i, this.#value());
    return table;
  }

  #map(): LuaTable {
    const count = this.#number();
    const map = this.#runtime.table();
    for (let i = 0; i < count; i++) {
      const key = this.#value();
      map.set(key, this.#value());
    }
    return this.#tableOf("map", map);
  }

  #set(): LuaTable {
    const count = this.#number();
    const set = this.#runtime.table();
    for (let i = 0; i < count; i++) set.set(this.#value(), true);
    return this.#tableOf("set", set);
  }

  #verbatim(): LuaTable {
    const length = this.#number();
    const start = this.#at;
    this.#at = start + length + 2;
    const inner = this.#runtime.table();
    inner.set("string", latin1(this.#bytes, start + 4, start + length));
    inner.set("format", latin1(this.#bytes, start, start + 3));
    return this.#tableOf("verbatim_string", inner);
  }

  /** Attributes are not for scripts: the reply that they stand in front of is. */
  #behindAttribute(): LuaValue {
    for (let left = this.#number() * 2; left > 0; left--) this.#value();
    return this.#value();
  }
}

/**
 * The text of an error's table: its code and its message, "ERR" when the reply has no code. A NUL
 * ends it, as in C.
 */
export function errorText(text: string): string {
  const nul = text.indexOf("\0");
  const line = nul === -1 ? text : text.slice(0, nul);
  const space = line.indexOf(" ");
  const code = space === -1 ? "ERR" : line.slice(0, space);
  const message = space === -1 ? line : line.slice(space + 1);
  return `${code} ${message.replace(/^[\r\n]+|[\r\n]+$/g, "")}`;
}

function numberOf(text: string): number {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  if (text === "-inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
