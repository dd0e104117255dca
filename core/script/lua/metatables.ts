// Metatables and metamethods, found but not called.
import { stringHash } from "./hash.ts";
import { LuaTable } from "./table.ts";
import { LuaObject, type LuaValue } from "./value.ts";

/** The name of a metamethod with its hash. */
export interface MetaEvent {
  readonly name: string;
  readonly hash: number;
}

function event(name: string): MetaEvent {
  return { name, hash: stringHash(name) };
}

export const INDEX: MetaEvent = event("__index");
export const NEWINDEX: MetaEvent = event("__newindex");
export const CALL: MetaEvent = event("__call");
export const EQ: MetaEvent = event("__eq");
export const LT: MetaEvent = event("__lt");
export const LE: MetaEvent = event("__le");
export const CONCAT: MetaEvent = event("__concat");
export const LEN: MetaEvent = event("__len");
export const ADD: MetaEvent = event("__add");
export const SUB: MetaEvent = event("__sub");
export const MUL: MetaEvent = event("__mul");
export const DIV: MetaEvent = event("__div");
export const MOD: MetaEvent = event("__mod");
export const POW: MetaEvent = event("__pow");
export const UNM: MetaEvent = event("__unm");

export function metatableOf(
  runtime: { readonly stringMetatable: LuaTable | null },
  value: LuaValue,
): LuaTable | null {
  if (value instanceof LuaTable || value instanceof LuaObject) return value.metatable;
  return typeof value === "string" ? runtime.stringMetatable : null;
}

export function metamethod(
  runtime: { readonly stringMetatable: LuaTable | null },
  value: LuaValue,
  { name, hash }: MetaEvent,
): LuaValue {
  const metatable = metatableOf(runtime, value);
  return metatable === null ? undefined : metatable.getHashed(name, hash);
}
