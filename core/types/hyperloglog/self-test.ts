// PFSELFTEST: registers keep what is put into them, both forms agree, estimates are near the truth.
// Redis's test adds ten million elements while everybody waits; a million shows the same.
import type { Prng } from "../../util/prng.ts";
import { estimateCardinality } from "./cardinality.ts";
import {
  countDense,
  DENSE_BYTES,
  denseRegister,
  REGISTER_COUNT,
  REGISTER_MAX,
  setDenseRegister,
} from "./dense.ts";
import { ElementHash } from "./element-hash.ts";
import { CHANGED, countSparse, EMPTY_RUNS, SPARSE_VALUE_MAX, SparseEdit } from "./sparse.ts";

const REGISTER_CYCLES = 30;
const ELEMENT_COUNT = 1_000_000;
/** The sparse form is tested with so many; their runs take less than this many bytes. */
const SPARSE_ELEMENT_COUNT = 1000;
const SPARSE_BYTES_MAX = 4096;
/** Estimates may be wrong by so many standard errors. */
const ERRORS_MAX = 6;

/** What failed, or null. */
export function selfTest(prng: Prng): string | null {
  return testRegisters(prng) ?? testEstimates(prng);
}

function testRegisters(prng: Prng): string | null {
  const dense = new Uint8Array(DENSE_BYTES);
  const expected = new Uint8Array(REGISTER_COUNT);
  for (let cycle = 0; cycle < REGISTER_CYCLES; cycle++) {
    for (let i = 0; i < REGISTER_COUNT; i++) {
      expected[i] = prng.next() & REGISTER_MAX;
      setDenseRegister(dense, 0, i, expected[i]);
    }
    for (let i = 0; i < REGISTER_COUNT; i++) {
      const value = denseRegister(dense, 0, i);
      if (value !== expected[i]) return `Register ${i} should be ${expected[i]} but is ${value}`;
    }
  }
  return null;
}

function testEstimates(prng: Prng): string | null {
  const element = new Uint8Array(8);
  const view = new DataView(element.buffer);
  const seed = prng.next();
  view.setUint32(4, prng.next());
  const hash = new ElementHash();
  const dense = new Uint8Array(DENSE_BYTES);
  const sparse = new SparseRegisters();
  let checkpoint = 1;
  for (let count = 1; count <= ELEMENT_COUNT; count++) {
    view.setUint32(0, (count ^ seed) >>> 0, true);
    hash.hash(element, 0, element.length);
    const { index, value } = hash;
    if (value > denseRegister(dense, 0, index)) setDenseRegister(dense, 0, index, value);
    if (count <= SPARSE_ELEMENT_COUNT) sparse.raise(index, Math.min(value, SPARSE_VALUE_MAX));
    if (count !== checkpoint) continue;
    const histogram = new Int32Array(REGISTER_MAX + 1);
    countDense(dense, 0, histogram);
    const estimate = estimateCardinality(histogram);
    if (count <= SPARSE_ELEMENT_COUNT && sparse.estimate() !== estimate) {
      return "dense/sparse disagree";
    }
    const error = Math.abs(estimate - count);
    const standardError = 1.04 / Math.sqrt(REGISTER_COUNT);
    // Of ten elements two may well share a register.
    const errorMax = count === 10 ? 1 : Math.ceil(standardError * ERRORS_MAX * count);
    if (error > errorMax) return `Too big error. card:${count} abserr:${error}`;
    checkpoint *= 10;
  }
  return null;
}

class SparseRegisters {
  readonly #bytes: Uint8Array = new Uint8Array(SPARSE_BYTES_MAX);
  readonly #edit: SparseEdit = new SparseEdit();
  #end = EMPTY_RUNS.length;

  constructor() {
    this.#bytes.set(EMPTY_RUNS);
  }

  raise(index: number, value: number): void {
    const edit = this.#edit;
    if (edit.locate(this.#bytes, 0, this.#end, index, value) === CHANGED) {
      this.#end = edit.apply(this.#bytes, 0, this.#end);
    }
  }

  estimate(): number {
    const histogram = new Int32Array(REGISTER_MAX + 1);
    const isValid = countSparse(this.#bytes, 0, this.#end, histogram);
    return isValid ? estimateCardinality(histogram) : Number.NaN;
  }
}
