// tonumber with a base, by C's strtoul: a sign is allowed, and wraps around.
import type { LuaValue } from "./value.ts";

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 122 ? letter - 87 : 99;
}

export function toNumberInBase(text: string, base: number): LuaValue {
  // C's text ends at a NUL; only the whitespace around the number may be more.
  const body = text.split("\0", 1)[0];
  const match = /^[ \t\n\v\f\r]*([+-]?)/.exec(body)!;
  let at = match[0].length;
  if (base === 16 && /^0x[\da-f]/i.test(body.slice(at))) at += 2;
  const start = at;
  let value = 0n;
  for (; at < body.length; at++) {
    const digit = digitOf(body.charCodeAt(at));
    if (digit >= base) break;
    if (value <= ULONG_MAX) value = value * BigInt(base) + BigInt(digit);
  }
  if (at === start || !/^[ \t\n\v\f\r]*$/.test(body.slice(at))) return undefined;
  if (value > ULONG_MAX) return Number(ULONG_MAX);
  return Number(match[1] === "-" ? BigInt.asUintN(64, -value) : value);
}
