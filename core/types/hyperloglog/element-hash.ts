// Which register an element counts in, and what it raises that to.
import { Murmur64 } from "../../util/murmur64.ts";
import { REGISTER_COUNT } from "./dense.ts";

const SEED = 0xadc83b19 | 0;
/** Bits of the hash that are the register's index: its lowest. */
const INDEX_BITS = 14;

export class ElementHash {
  /** Of the element hashed last. */
  index = 0;
  /** The length of the run of zeros in the hash above the index, with the 1 that ends it: 1 to 51. */
  value = 0;
  readonly #murmur: Murmur64 = new Murmur64();

  hash(bytes: Uint8Array, start: number, length: number): void {
    const murmur = this.#murmur;
    murmur.hash(bytes, start, length, SEED);
    this.index = murmur.low & (REGISTER_COUNT - 1);
    const low = murmur.low >>> INDEX_BITS;
    this.value = low === 0 ? 33 - INDEX_BITS + trailingZeros(murmur.high) : 1 + trailingZeros(low);
  }
}

/** Of 32 bits; 32 for 0. */
function trailingZeros(word: number): number {
  return word === 0 ? 32 : 31 - Math.clz32(word & -word);
}
