// Random commands on bits.
import type { Random } from "../random.ts";
import { integer, bitKey as key, type Maker } from "./words.ts";

const offset = (r: Random): string =>
  r.chance(95) ? String(r.below(200)) : r.pick(["-1", "x", "4294967296", "1.5"]);
const edge = (r: Random): string => (r.chance(90) ? String(r.between(-30, 30)) : integer(r));
const unit = (r: Random): string[] => r.pick([[], ["BYTE"], ["bit"], ["x"]]);
const type = (r: Random): string =>
  r.chance(95)
    ? r.pick(["u1", "u4", "i5", "u8", "i8", "i16", "u31", "i32", "i64", "u63"])
    : r.pick(["u64", "i65", "x8", "u0"]);
const fieldOffset = (r: Random): string => (r.chance(30) ? `#${r.below(8)}` : offset(r));

function operation(r: Random): string[] {
  const kind = r.below(10);
  if (kind < 3) return ["GET", type(r), fieldOffset(r)];
  if (kind < 6) return ["SET", type(r), fieldOffset(r), integer(r)];
  if (kind < 9) return ["INCRBY", type(r), fieldOffset(r), integer(r)];
  return ["OVERFLOW", r.pick(["WRAP", "sat", "FAIL", "x"])];
}

const overflow = (r: Random): string[] =>
  r.chance(50) ? [] : ["OVERFLOW", r.pick(["WRAP", "SAT", "FAIL"])];

export const bits: readonly Maker[] = [
  (r, n) => ["SETBIT", key(r, n), offset(r), r.pick(["0", "1", "1", "1", "2"])],
  (r, n) => ["SETBIT", key(r, n), offset(r), r.pick(["0", "1"])],
  (r, n) => ["GETBIT", key(r, n), offset(r)],
  (r, n) => ["BITCOUNT", key(r, n)],
  (r, n) => ["BITCOUNT", key(r, n), edge(r), edge(r), ...unit(r)],
  (r, n) => ["BITPOS", key(r, n), r.pick(["0", "1", "2"]), ...(r.chance(50) ? [] : [edge(r)])],
  (r, n) => ["BITPOS", key(r, n), r.pick(["0", "1"]), edge(r), edge(r), ...unit(r)],
  (r, n) => ["BITOP", r.pick(["AND", "or", "XOR", "x"]), key(r, n), key(r, n), key(r, n)],
  (r, n) => ["BITOP", "NOT", key(r, n), key(r, n)],
  (r, n) => ["BITFIELD", key(r, n), ...operation(r), ...overflow(r), ...operation(r)],
  (r, n) => ["BITFIELD", key(r, n), ...overflow(r), ...operation(r), ...operation(r)],
  (r, n) => ["BITFIELD_RO", key(r, n), "GET", type(r), fieldOffset(r)],
  (r, n) => ["BITFIELD_RO", key(r, n), ...operation(r)],
];
