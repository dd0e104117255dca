// Random samples of the entries of a dict, for SRANDMEMBER, HRANDFIELD and ZRANDMEMBER.
import { NONE, type Ref } from "../memory/arena.ts";
import type { Dicts, RefList } from "../memory/dict.ts";
import type { Prng } from "../util/prng.ts";

/** From this share of all entries on it is cheaper to go through all of them. */
const DRAW_SHARE_MAX = 3;

/**
 * Puts `count` distinct entries of the dict, which has `size` and at least so many, into `into`. All
 * subsets are equally likely.
 */
export function sampleEntries(
  dicts: Dicts,
  dict: Ref,
  size: number,
  count: number,
  prng: Prng,
  into: RefList,
): void {
  into.count = 0;
  if (count * DRAW_SHARE_MAX <= size) return drawDistinct(dicts, dict, count, prng, into);
  for (let index = 0; index !== -1; index = dicts.nextPageIndex(dict, index)) {
    const page = dicts.pageAt(dict, index);
    if (page !== NONE) dicts.pageEntries(page, into);
  }
  // The first steps of a shuffle (Fisher, Yates; Durstenfeld).
  const { items } = into;
  for (let i = 0; i < count; i++) {
    const chosen = i + prng.below(size - i);
    const entry = items[chosen];
    items[chosen] = items[i];
    items[i] = entry;
  }
  into.count = count;
}

function drawDistinct(dicts: Dicts, dict: Ref, count: number, prng: Prng, into: RefList): void {
  const seen = new Set<Ref>();
  while (into.count < count) {
    const entry = dicts.random(dict, prng);
    if (seen.has(entry)) continue;
    seen.add(entry);
    into.push(entry);
  }
}
