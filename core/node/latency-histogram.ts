// How long a command takes: counts per duration, behind INFO latencystats and LATENCY HISTOGRAM.
//
// The buckets are those of an HdrHistogram of nanoseconds with two significant digits, as in Redis, so
// that the same durations are reported with the same numbers: exact below 256 ns, then 128 buckets
// for every power of two, up to a second, which stands for everything longer. A histogram is as long
// as its largest index needs.
import type { Command } from "../commands/table.ts";

const EXACT = 256;
const PER_OCTAVE_LOG2 = 7;
const PER_OCTAVE = 128;
const NANOSECONDS_MAX = 1_000_000_000;
const MICROSECONDS_MAX = 1_000_000;
/** Number of buckets, and the largest number of nanoseconds that falls in the last one. */
const BUCKET_COUNT = 3072;
const VALUE_MAX = 1_073_741_823;
const FIRST_STEP = 1024;

/** Counts one execution, or several that took as long. */
export function recordLatency(command: Command, microseconds: number, times = 1): void {
  const nanoseconds =
    microseconds < MICROSECONDS_MAX ? Math.max(1, (microseconds | 0) * 1000) : NANOSECONDS_MAX;
  const bucket = bucketOf(nanoseconds);
  let histogram = command.latencyHistogram;
  if (histogram === null || bucket >= histogram.length) {
    histogram = lengthened(histogram, bucket);
    command.latencyHistogram = histogram;
  }
  histogram[bucket] += times;
}

function lengthened(histogram: Float64Array | null, bucket: number): Float64Array {
  // Up to the end of the octave: about as many reallocations as powers of two.
  const longer = new Float64Array((bucket | (PER_OCTAVE - 1)) + 1);
  if (histogram !== null) longer.set(histogram);
  return longer;
}

/** The bucket that a number of nanoseconds falls in. */
export function bucketOf(nanoseconds: number): number {
  const octave = 31 - Math.clz32(nanoseconds | (EXACT - 1)) - PER_OCTAVE_LOG2;
  return (octave << PER_OCTAVE_LOG2) + (nanoseconds >>> octave);
}

/** The smallest number of nanoseconds that falls in a bucket. */
export function bucketStart(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const octave = (bucket >>> PER_OCTAVE_LOG2) - 1;
  return (PER_OCTAVE | (bucket & (PER_OCTAVE - 1))) * 2 ** octave;
}

/** Number of executions. */
export function totalCount(histogram: Float64Array): number {
  let total = 0;
  for (const count of histogram) total += count;
  return total;
}

/** The duration in microseconds that `percent` of the executions did not exceed. */
export function percentile(histogram: Float64Array, percent: number): number {
  const wanted = Math.max(1, Math.floor((percent / 100) * totalCount(histogram) + 0.5));
  let seen = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket];
    if (seen < wanted) continue;
    const nanoseconds = percent === 0 ? bucketStart(bucket) : bucketStart(bucket + 1) - 1;
    return nanoseconds / 1000;
  }
  return 0;
}

/**
 * How many executions took at most so many microseconds, for bounds that double; bounds that add
 * nothing are left out.
 */
export function cumulativeCounts(
  histogram: Float64Array,
): [microseconds: number, executions: number][] {
  const total = totalCount(histogram);
  const steps: [number, number][] = [];
  let seen = 0;
  let bucket = 0;
  for (let bound = FIRST_STEP; seen < total; bound *= 2) {
    const before = seen;
    // A bound includes all durations that cannot be told from it.
    const last = Math.min(bound <= VALUE_MAX ? bucketOf(bound) : BUCKET_COUNT, BUCKET_COUNT - 1);
    for (; bucket <= last && bucket < histogram.length; bucket++) seen += histogram[bucket];
    if (seen > before) steps.push([Math.floor((bucketStart(last + 1) - 1) / 1000), seen]);
  }
  return steps;
}
