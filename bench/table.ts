// Medians and plain tables.

export type Row = readonly string[];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Between these two the median of more such values lies with a probability of at least 95 %, whatever
 * their distribution: how many of them are below a median is binomial. Of fewer than six, the extremes,
 * which say less.
 */
export function medianInterval(values: readonly number[]): [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  // The probability that `rank` values are below the median, and that at most so many are.
  let probability = 0.5 ** count;
  let tail = probability;
  let rank = 0;
  for (;;) {
    probability *= (count - rank) / (rank + 1);
    tail += probability;
    if (tail > 0.025) break;
    rank++;
  }
  return [sorted[rank], sorted[count - 1 - rank]];
}

/** Columns aligned: the first to the left, figures to the right. */
export function printTable(title: string, header: Row, rows: readonly Row[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  console.log(`\n${title}`);
  for (const row of all) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(`  ${cells.join("  ")}`);
  }
}
