// The model of LCS: the table of lengths, and the way back through it.
import type { ModelCommand, ModelFamily } from "./model.ts";
import { array, bulk, error, integer, map, NOT_INTEGER, SYNTAX_ERROR } from "./replies.ts";
import { int64, textOf } from "./strings.ts";

interface Match {
  aFrom: number;
  aTo: number;
  bFrom: number;
  bTo: number;
}

function lengths(a: string, b: string): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] =
        a[i - 1] === b[j - 1]
          ? table[i - 1][j - 1] + 1
          : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table;
}

/** The subsequence and its runs in both texts, the last first. */
function trace(a: string, b: string, table: number[][]): { text: string; matches: Match[] } {
  let text = "";
  const matches: Match[] = [];
  let [i, j] = [a.length, b.length];
  let run: Match | null = null;
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      text = a[i - 1] + text;
      i--;
      j--;
      if (run !== null) {
        run.aFrom = i;
        run.bFrom = j;
      } else run = { aFrom: i, aTo: i, bFrom: j, bTo: j };
    } else {
      if (run !== null) matches.push(run);
      run = null;
      if (table[i - 1][j] > table[i][j - 1]) i--;
      else j--;
    }
  }
  if (run !== null) matches.push(run);
  return { text, matches };
}

const lcs: ModelCommand = (model, session, words) => {
  const a = textOf(model.get(session, words[1]));
  const b = textOf(model.get(session, words[2]));
  if (a === null || b === null) return error("The specified keys must contain string values");
  const has = new Set<string>();
  let matchMin = 0n;
  for (let i = 3; i < words.length; i++) {
    const option = words[i].toLowerCase();
    if (["idx", "len", "withmatchlen"].includes(option)) has.add(option);
    else if (option === "minmatchlen" && i + 1 < words.length) {
      const value = int64(words[++i]);
      if (value === null) return NOT_INTEGER;
      matchMin = value;
    } else return SYNTAX_ERROR;
  }
  if (has.has("idx") && has.has("len")) {
    return error("If you want both the length and indexes, please just use IDX.");
  }
  const table = lengths(a ?? "", b ?? "");
  const length = integer(table[(a ?? "").length][(b ?? "").length]);
  if (has.has("len")) return length;
  const { text, matches } = trace(a ?? "", b ?? "", table);
  if (!has.has("idx")) return bulk(text);
  const rows = matches
    .filter(({ aFrom, aTo }) => BigInt(aTo - aFrom + 1) >= matchMin)
    .map(({ aFrom, aTo, bFrom, bTo }) => {
      const row = [array([aFrom, aTo].map(integer)), array([bFrom, bTo].map(integer))];
      return array(has.has("withmatchlen") ? [...row, integer(aTo - aFrom + 1)] : row);
    });
  return map(session, [bulk("matches"), array(rows), bulk("len"), length]);
};

export const lcsModel: ModelFamily = [["lcs", -3, lcs]];
