// The longest common subsequence of two strings of bytes, for the LCS command.
//
// Dynamic programming over a table of (aLength + 1) × (bLength + 1) lengths, then a walk back
// through it from the ends of both strings. Where two ways are equally long the walk shortens b, as
// Redis does, because which subsequence and which ranges are found is visible to clients. Redis
// counts four bytes a cell against its limit, and so does `lcsTableBytes`; cells take two here when
// the lengths fit.

/**
 * Above this no table is made, whatever proto-max-bulk-len allows: "Insufficient memory, failed
 * allocating transient memory for LCS".
 */
export const LCS_TABLE_BYTES_MAX: number = 2 ** 32;

/** What the table of a pair of strings takes by Redis's account. */
export function lcsTableBytes(aLength: number, bLength: number): number {
  return (aLength + 1) * (bLength + 1) * 4;
}

export interface Lcs {
  /** The subsequence itself. */
  text: Uint8Array;
  /**
   * The runs that lie in both strings, the last one first: first and last index in a, first and
   * last index in b, four numbers a run.
   */
  runs: number[];
}

/** Length of the longest common subsequence; needs only one row of the table. */
export function lcsLength(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const row = new Uint32Array(bLength + 1);
  for (let i = 0; i < aLength; i++) {
    const byte = a[aStart + i];
    let diagonal = 0;
    for (let j = 1; j <= bLength; j++) {
      const above = row[j];
      if (byte === b[bStart + j - 1]) row[j] = diagonal + 1;
      else if (row[j - 1] > above) row[j] = row[j - 1];
      diagonal = above;
    }
  }
  return row[bLength];
}

/** The longest common subsequence and its runs of at least `minMatchLength` bytes. */
export function longestCommonSubsequence(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
  minMatchLength: number,
): Lcs {
  const width = bLength + 1;
  const table = lcsTable(a, aStart, aLength, b, bStart, bLength);
  let left = table[aLength * width + bLength];
  const text = new Uint8Array(left);
  const runs: number[] = [];
  // The run of matches that the walk is in, while `isOpen`.
  let isOpen = false;
  let aLast = 0;
  let bLast = 0;
  let i = aLength;
  let j = bLength;
  while (i > 0 && j > 0) {
    if (a[aStart + i - 1] === b[bStart + j - 1]) {
      text[--left] = a[aStart + i - 1];
      if (!isOpen) {
        isOpen = true;
        aLast = i - 1;
        bLast = j - 1;
      }
      i--;
      j--;
      if (i > 0 && j > 0) continue;
    }
    if (isOpen && aLast - i + 1 >= minMatchLength) runs.push(i, aLast, j, bLast);
    isOpen = false;
    if (i === 0 || j === 0) break;
    if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
    else j--;
  }
  return { text, runs };
}

/** The lengths for all pairs of prefixes; row i is for the first i bytes of a. */
function lcsTable(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): Uint16Array | Uint32Array {
  const width = bLength + 1;
  const cells = (aLength + 1) * width;
  const isSmall = Math.min(aLength, bLength) < 65536;
  const table = isSmall ? new Uint16Array(cells) : new Uint32Array(cells);
  for (let i = 1; i <= aLength; i++) {
    const byte = a[aStart + i - 1];
    let at = i * width + 1;
    for (let j = 0; j < bLength; j++, at++) {
      if (byte === b[bStart + j]) {
        table[at] = table[at - width - 1] + 1;
      } else {
        table[at] = Math.max(table[at - width], table[at - 1]);
      }
    }
  }
  return table;
}
