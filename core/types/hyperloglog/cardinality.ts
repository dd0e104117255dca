// The estimate of a HyperLogLog's cardinality from how often each register value occurs: Otmar Ertl,
// "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, algorithm 6.
//
// Only operations that IEEE 754 rounds correctly (the square root is one of them) in Redis's order, so
// that the estimate is the same number everywhere.
import { REGISTER_COUNT } from "./dense.ts";

/** Bits of the hash that are not part of a register's index. */
const RUN_BITS = 50;
/** 0.5 / ln(2) */
const ALPHA = 0.7213475204444817;

/** The cardinality, to the nearest integer; Infinity when registers hold what no elements make. */
export function estimateCardinality(histogram: Int32Array): number {
  let z = REGISTER_COUNT * tau((REGISTER_COUNT - histogram[RUN_BITS + 1]) / REGISTER_COUNT);
  for (let value = RUN_BITS; value >= 1; value--) z = (z + histogram[value]) * 0.5;
  z += REGISTER_COUNT * sigma(histogram[0] / REGISTER_COUNT);
  return Math.round((ALPHA * REGISTER_COUNT * REGISTER_COUNT) / z);
}

/** x + Σ x^(2^k) 2^(k-1), the share of registers that are 0. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = x;
  let previous: number;
  do {
    x *= x;
    previous = z;
    z += x * y;
    y += y;
  } while (previous !== z);
  return z;
}

/** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, for the share of registers that are not at their maximum. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  let previous: number;
  do {
    x = Math.sqrt(x);
    previous = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (previous !== z);
  return z / 3;
}
