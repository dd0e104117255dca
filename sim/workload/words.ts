// The material that workloads make commands of: few keys, so that they meet; values with every kind
// of byte; numbers at the edges.
import type { Random } from "../random.ts";

const NASTY: readonly string[] = [
  "",
  "\r\n",
  "\0",
  "a\r\nb\0c",
  "*1\r\n$4\r\nPING\r\n",
  "\xff\xfe",
  " ",
];
const INTEGERS: readonly string[] = [
  "0",
  "1",
  "-1",
  "10",
  "-7",
  "9223372036854775807",
  "-9223372036854775808",
  "9007199254740993",
  "2147483647",
  "-3000000000",
  "9223372036854775808",
  "01",
  "1.5",
  "abc",
  "",
];

/**
 * Makes one command. `progress` grows with what the client has sent: IDs of streams are made of it,
 * so that those of different clients meet.
 */
export type Maker = (random: Random, keyCount: number, progress: number) => string[];

/** One of `keyCount` keys, for values of any type. */
export function key(random: Random, keyCount: number): string {
  return `key:${random.below(keyCount)}`;
}

type KeyMaker = (random: Random, keyCount: number) => string;

/** A key that mostly holds one type of value. */
function keyOf(type: string): KeyMaker {
  return (random, keyCount) =>
    random.chance(20) ? key(random, keyCount) : `${type}:${random.below(Math.min(keyCount, 5))}`;
}

export const listKey: KeyMaker = keyOf("list");
export const setKey: KeyMaker = keyOf("set");
export const hashKey: KeyMaker = keyOf("hash");
export const zsetKey: KeyMaker = keyOf("zset");
export const streamKey: KeyMaker = keyOf("stream");
export const bitKey: KeyMaker = keyOf("bits");
export const logKey: KeyMaker = (random) => `log:${random.below(5)}`;
/** Scores that are no positions would mean something else in each implementation. */
export const geoKey: KeyMaker = (random) => `geo:${random.below(5)}`;

export const anyKey: KeyMaker = (random, keyCount) =>
  random.pick([key, listKey, setKey, hashKey, zsetKey, streamKey])(random, keyCount);

/** A score of a sorted set: doubles hold them, and their sums, exactly. */
export function score(random: Random): string {
  if (random.chance(80)) return String(random.between(-50, 50));
  return random.chance(60) ? quarter(random) : random.pick(["inf", "-inf", "+inf", "abc"]);
}

/** Elements of collections: few, so that they meet. */
export function member(random: Random): string {
  return random.chance(60) ? String(random.below(30)) : value(random);
}

export function value(random: Random): string {
  const kind = random.below(100);
  if (kind < 35) return String(random.between(-1000, 1000));
  if (kind < 70) return `value-${random.below(1_000_000)}`;
  if (kind < 80) return random.pick(NASTY);
  const length = kind < 95 ? random.below(120) : random.below(3000);
  return String.fromCharCode(97 + random.below(26)).repeat(length);
}

/** An integer argument: mostly small, sometimes at the edge, sometimes none. */
export function integer(random: Random): string {
  return random.chance(80) ? String(random.between(-20, 200)) : random.pick(INTEGERS);
}

/** Quarters: doubles hold them, and their sums, exactly. */
export function quarter(random: Random): string {
  return String(random.between(-400, 400) / 4);
}

/** An integer argument whose sums with times stay exact in doubles, which the model uses for them. */
export function timeInteger(random: Random): string {
  return random.pick([
    "0",
    "-1",
    "5",
    "abc",
    "1.5",
    "",
    "9223372036854775807",
    "9223372036854775808",
  ]);
}

/** A time to live in ms: soon, later, in a year. */
export function ttlMs(random: Random): number {
  const kind = random.below(10);
  if (kind < 6) return random.between(1, 400);
  return kind < 9 ? random.between(1000, 60_000) : 365 * 86_400_000;
}
