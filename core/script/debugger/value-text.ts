// Lua values as the debugger shows them.

import { quoted } from "../../util/quoted.ts";
import { NULL } from "../lib/null.ts";
import { formatGeneral } from "../lib/number-format.ts";
import { LuaFunction } from "../lua/function.ts";
import { addressOf } from "../lua/hash.ts";
import { LuaTable } from "../lua/table.ts";
import type { LuaValue } from "../lua/value.ts";

/** Tables are shown nested so deep. */
const DEPTH_MAX = 10;
const TOO_DEEP = "<max recursion level reached! Nested table?>";
/** Digits of C's %g. */
const PRECISION = 6;
/** Longer texts are cut: tables that contain each other many times over would give texts without end. */
export const TEXT_LENGTH_MAX: number = 1 << 24;

/** The text of a value. */
export function valueText(value: LuaValue): string {
  return textAt(value, 0, new Map());
}

/** The texts of tables, by depth: a table in two places is not gone through twice. */
type KnownTexts = Map<number, Map<LuaTable, string>>;

function textAt(value: LuaValue, depth: number, known: KnownTexts): string {
  if (depth === DEPTH_MAX) return TOO_DEEP;
  switch (typeof value) {
    case "string":
      return quoted(value.slice(0, TEXT_LENGTH_MAX));
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return formatGeneral(value, PRECISION, false);
    case "undefined":
      return "nil";
    default:
  }
  if (value === NULL) return '"light-userdata@(nil)"';
  if (value instanceof LuaTable) return tableText(value, depth + 1, known);
  const type = value instanceof LuaFunction ? "function" : value.typeName;
  return `"${type}@${addressOf(value)}"`;
}

function tableText(table: LuaTable, depth: number, known: KnownTexts): string {
  let texts = known.get(depth);
  if (texts === undefined) {
    texts = new Map();
    known.set(depth, texts);
  }
  const before = texts.get(table);
  if (before !== undefined) return before;
  let isList = true;
  let items = "";
  let fields = "";
  let expected = 1;
  for (let at = table.nextIndex(-1); at >= 0; at = table.nextIndex(at)) {
    const key = table.keyAt(at);
    if (key !== expected++) isList = false;
    const value = textAt(table.valueAt(at), depth, known);
    const separator = expected > 2 ? "; " : "";
    items += separator + value;
    fields += `${separator}[${textAt(key, depth, known)}]=${value}`;
    if (fields.length > TEXT_LENGTH_MAX) break;
  }
  const text = `{${(isList ? items : fields).slice(0, TEXT_LENGTH_MAX)}}`;
  texts.set(table, text);
  return text;
}
