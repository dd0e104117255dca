// Judging replies with random members: SRANDMEMBER, HRANDFIELD and ZRANDMEMBER with a count.
import type { Judge } from "./model.ts";
import type { RespValue } from "./reply-reader.ts";

/** Members with their values, as a reply gives them: flat, or in pairs. */
export function pairsOf(reply: RespValue, inPairs: boolean): [string, string][] {
  const { items } = reply;
  if (inPairs) return items.map(({ items: [a, b] }) => [a?.text, b?.text]);
  const pairs: [string, string][] = [];
  for (let i = 0; i < items.length; i += 2) pairs.push([items[i].text, items[i + 1]?.text]);
  return pairs;
}

/**
 * A positive count asks for that many different members, a negative one for exactly so many that may
 * be equal. `values`: what belongs to each member.
 */
export function judgeRandom(
  values: ReadonlyMap<string, string>,
  count: bigint,
  withValues: boolean,
  resp: number,
): Judge {
  const wanted = count < 0n ? Number(-count) : Math.min(Number(count), values.size);
  const expected = values.size === 0 ? 0 : wanted;
  const known = new Map(values);
  return (reply) => {
    if (reply.kind !== "array") return "not an array";
    const pairs = withValues
      ? pairsOf(reply, resp === 3)
      : reply.items.map(({ text }): [string, string] => [text, known.get(text) ?? ""]);
    if (pairs.length !== expected) return `expected ${expected} members`;
    for (const [member, value] of pairs) {
      if (known.get(member) !== value) return `${JSON.stringify([member, value])} is not there`;
    }
    const distinct = new Set(pairs.map(([member]) => member)).size;
    return count >= 0n && distinct !== pairs.length ? "a member came twice" : null;
  };
}
