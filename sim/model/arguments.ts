// Arguments that commands of several families share.
import type { Model } from "./model.ts";
import { error, SYNTAX_ERROR } from "./replies.ts";
import { int64 } from "./strings.ts";

/** A timeout in seconds, as the wall time in ms when it is over; an error reply when it is none. */
export function deadlineOf(model: Model, text: string): number | string {
  if (!/^-?[0-9]{1,12}(\.[0-9]{1,6})?$/.test(text)) {
    return error("timeout is not a float or out of range");
  }
  const ms = Math.ceil(Number(text) * 1000);
  if (ms < 0) return error("timeout is negative");
  return ms === 0 ? Number.POSITIVE_INFINITY : ms + model.nowMs;
}

export interface ManyPop {
  readonly keys: string[];
  /** The first of the two ends. */
  readonly isFirst: boolean;
  readonly count: number;
}

/** "numkeys key … end [COUNT count]": LMPOP, ZMPOP and those that wait. `at`: where numkeys is. */
export function parseManyPop(
  words: readonly string[],
  at: number,
  ends: readonly [string, string],
): ManyPop | string {
  const numkeys = int64(words[at]);
  if (numkeys === null || numkeys < 1n) return error("numkeys should be greater than 0");
  const endAt = at + 1 + Number(numkeys);
  if (endAt >= words.length) return SYNTAX_ERROR;
  const end = ends.indexOf(words[endAt].toLowerCase());
  if (end === -1) return SYNTAX_ERROR;
  let count = 1n;
  if (words.length > endAt + 1) {
    if (words.length === endAt + 2 || words[endAt + 1].toLowerCase() !== "count") {
      return SYNTAX_ERROR;
    }
    const given = int64(words[endAt + 2]);
    if (given === null || given < 1n) return error("count should be greater than 0");
    if (words.length > endAt + 3) return SYNTAX_ERROR;
    count = given;
  }
  return { keys: words.slice(at + 1, endAt), isFirst: end === 0, count: Number(count) };
}
