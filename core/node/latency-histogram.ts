// Latency distribution of a command, behind INFO latencystats and LATENCY HISTOGRAM. Microseconds in
// buckets that are exact up to 16 and then have eight per power of two (at most 6 % wide).
import type { Command } from "../commands/table.ts";

const EXACT = 16;
const PER_OCTAVE_LOG2 = 3;
const OCTAVES = 31;
export const BUCKET_COUNT: number = EXACT + ((OCTAVES - 4) << PER_OCTAVE_LOG2);

/** Counts one execution. */
export function recordLatency(command: Command, microseconds: number): void {
  let histogram = command.latencyHistogram;
  if (histogram === null) {
    histogram = new Float64Array(BUCKET_COUNT);
    command.latencyHistogram = histogram;
  }
  histogram[bucketOf(microseconds)]++;
}

/** The bucket that a duration falls in. */
export function bucketOf(microseconds: number): number {
  const value = microseconds < 0 ? 0 : microseconds > 0x7fffffff ? 0x7fffffff : microseconds | 0;
  if (value < EXACT) return value;
  const log2 = 31 - Math.clz32(value);
  return (
    EXACT +
    ((log2 - 4) << PER_OCTAVE_LOG2) +
    ((value >>> (log2 - PER_OCTAVE_LOG2)) & ((1 << PER_OCTAVE_LOG2) - 1))
  );
}

/** The largest duration in microseconds that falls in a bucket. */
export function bucketLimit(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const octave = (bucket - EXACT) >>> PER_OCTAVE_LOG2;
  const step = (bucket - EXACT) & ((1 << PER_OCTAVE_LOG2) - 1);
  const log2 = octave + 4;
  return 2 ** log2 + (step + 1) * 2 ** (log2 - PER_OCTAVE_LOG2) - 1;
}

/** The duration in microseconds that `percent` of the executions did not exceed. */
export function percentile(histogram: Float64Array, percent: number): number {
  let total = 0;
  for (const count of histogram) total += count;
  const wanted = Math.max(1, Math.ceil((percent / 100) * total));
  let seen = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket];
    if (seen >= wanted) return bucketLimit(bucket);
  }
  return 0;
}
