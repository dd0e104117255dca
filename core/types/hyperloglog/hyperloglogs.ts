// HyperLogLogs: strings that estimate how many different elements they were given. The bytes are
// Redis's, for GET, DUMP and BITCOUNT show them:
//
//   0    "HYLL"
//   4    form: 0 dense, 1 sparse
//   5    three zeros
//   8    the cardinality last estimated, 64 bits, lowest byte first; its highest bit is set when
//        registers have changed since
//   16   the registers (dense.ts, sparse.ts)
//
// An element's hash picks a register, which keeps the longest run of zeros seen in the rest of the
// hash, plus one. A value begins sparse and becomes dense when a register exceeds what sparse runs can
// show, or when it would get longer than `hll-sparse-max-bytes`.
import type { ConfigValues } from "../../config/values.ts";
import type { Database } from "../../keyspace/database.ts";
import { RAW } from "../../keyspace/types.ts";
import { NONE, type Ref } from "../../memory/arena.ts";
import type { Args } from "../../resp/args.ts";
import { highOf, lowOf } from "../../util/int64.ts";
import type { Strings } from "../strings.ts";
import { estimateCardinality } from "./cardinality.ts";
import {
  countDense,
  DENSE_BYTES,
  denseRegister,
  mergeDense,
  REGISTER_COUNT,
  REGISTER_MAX,
  setDenseRegister,
  writeDense,
} from "./dense.ts";
import { ElementHash } from "./element-hash.ts";
import {
  CHANGED,
  CORRUPTED,
  countSparse,
  EMPTY_RUNS,
  mergeSparse,
  SPARSE_VALUE_MAX,
  SparseEdit,
  sparseText,
  UNCHANGED,
} from "./sparse.ts";

const MAGIC: readonly number[] = [72, 89, 76, 76];
const FORM = 4;
const CARDINALITY = 8;
const HEADER_BYTES = 16;
const DENSE = 0;
const SPARSE = 1;
const DENSE_LENGTH = HEADER_BYTES + DENSE_BYTES;
const CHANGED_BIT = 0x80;
/** Besides sparse.ts's CHANGED, UNCHANGED and CORRUPTED. */
const TOO_LARGE = 2;
const EMPTY: Uint8Array = Uint8Array.of(
  ...MAGIC,
  SPARSE,
  0,
  0,
  0,
  ...Array(8).fill(0),
  ...EMPTY_RUNS,
);

export class HyperLogLogs {
  readonly #strings: Strings;
  readonly #config: ConfigValues;
  /** Registers of several values' union, a byte each. */
  readonly #union: Uint8Array = new Uint8Array(REGISTER_COUNT);
  #unionIsDense = false;
  /** Halves of the cardinality found last. */
  cardinalityLow = 0;
  cardinalityHigh = 0;
  /** Where `add`, `toDense` or `storeUnion` left the entry. */
  movedTo: Ref = NONE;
  readonly #histogram: Int32Array = new Int32Array(REGISTER_MAX + 1);
  readonly #hash: ElementHash = new ElementHash();
  readonly #edit: SparseEdit = new SparseEdit();

  constructor(strings: Strings, config: ConfigValues) {
    this.#strings = strings;
    this.#config = config;
  }

  /** Loads a string entry into `strings`; false when it is no HyperLogLog. */
  open(entry: Ref): boolean {
    const strings = this.#strings;
    strings.load(entry);
    const { bytes, offset, length } = strings;
    if (length < HEADER_BYTES) return false;
    for (let i = 0; i < MAGIC.length; i++) if (bytes[offset + i] !== MAGIC[i]) return false;
    const form = bytes[offset + FORM];
    return form === SPARSE || (form === DENSE && length === DENSE_LENGTH);
  }

  /** Is the value loaded sparse? */
  get isSparse(): boolean {
    const { bytes, offset } = this.#strings;
    return bytes[offset + FORM] === SPARSE;
  }

  /** Makes an empty one at the key in argument `key`, which was just looked up in vain. */
  create(db: Database, args: Args, key: number): Ref {
    return this.#strings.set(db, args, key, NONE, EMPTY, 0, EMPTY.length, -1, RAW);
  }

  /** Makes the entry one whose bytes may be edited in place, and loads it. */
  edit(db: Database, entry: Ref): void {
    const strings = this.#strings;
    // Nothing gets longer: the entry stays where it is.
    strings.extend(db, entry, 0);
    strings.load(entry);
  }

  /**
   * Adds an element to the value in `entry`: CHANGED, UNCHANGED, or CORRUPTED. The value must be
   * loaded and be editable; afterwards it is loaded again. The entry may move: `movedTo` has it. A
   * changed value's cardinality is the caller's to forget.
   */
  add(db: Database, entry: Ref, bytes: Uint8Array, start: number, length: number): number {
    const hash = this.#hash;
    hash.hash(bytes, start, length);
    return this.#raise(db, entry, hash.index, hash.value);
  }

  /** Raises a register to `value`; for conditions and results see `add`. */
  #raise(db: Database, entry: Ref, index: number, value: number): number {
    this.movedTo = entry;
    if (!this.isSparse) return this.#raiseDense(index, value);
    const outcome = this.#raiseSparse(db, index, value);
    if (outcome !== TOO_LARGE) return outcome;
    return this.toDense(db, entry) ? this.#raiseDense(index, value) : CORRUPTED;
  }

  #raiseDense(index: number, value: number): number {
    const { bytes, offset } = this.#strings;
    const start = offset + HEADER_BYTES;
    if (denseRegister(bytes, start, index) >= value) return UNCHANGED;
    setDenseRegister(bytes, start, index, value);
    return CHANGED;
  }

  #raiseSparse(db: Database, index: number, value: number): number {
    if (value > SPARSE_VALUE_MAX) return TOO_LARGE;
    const strings = this.#strings;
    const edit = this.#edit;
    const { length } = strings;
    const start = strings.offset + HEADER_BYTES;
    const found = edit.locate(strings.bytes, start, strings.offset + length, index, value);
    if (found !== CHANGED) return found;
    if (edit.growth > 0) {
      if (length + edit.growth > this.#config.hllSparseMaxBytes) return TOO_LARGE;
      this.movedTo = strings.extend(db, this.movedTo, length + edit.growth);
      strings.load(this.movedTo);
    }
    const { bytes, offset } = strings;
    const end = edit.apply(bytes, offset + HEADER_BYTES, offset + length);
    strings.shorten(this.movedTo, end - offset);
    strings.load(this.movedTo);
    // At once: a later element may find the value corrupted.
    this.forgetCardinality();
    return CHANGED;
  }

  /**
   * Makes the value dense; it must be loaded and editable. False, and nothing changed, when its runs
   * are corrupted.
   */
  toDense(db: Database, entry: Ref): boolean {
    this.movedTo = entry;
    if (!this.isSparse) return true;
    this.startUnion();
    if (!this.addToUnion()) return false;
    this.#becomeUnion(db);
    return true;
  }

  /** The registers of the value in `movedTo`, loaded, become those of the union, dense. */
  #becomeUnion(db: Database): void {
    const strings = this.#strings;
    // It never gets longer again: no reserve.
    this.movedTo = strings.extend(db, this.movedTo, DENSE_LENGTH, 0);
    strings.shorten(this.movedTo, DENSE_LENGTH);
    strings.load(this.movedTo);
    const { bytes, offset } = strings;
    bytes[offset + FORM] = DENSE;
    writeDense(bytes, offset + HEADER_BYTES, this.#union);
  }

  /** Empties the union. */
  startUnion(): void {
    this.#union.fill(0);
    this.#unionIsDense = false;
  }

  /** Adds the value loaded to the union; false when it is corrupted. */
  addToUnion(): boolean {
    const { bytes, offset, length } = this.#strings;
    const start = offset + HEADER_BYTES;
    if (this.isSparse) return mergeSparse(bytes, start, offset + length, this.#union);
    this.#unionIsDense = true;
    mergeDense(bytes, start, this.#union);
    return true;
  }

  /**
   * Makes the value, which must be loaded, editable and in the union, the union itself: dense when
   * that has dense parts or gets too large for the sparse form.
   */
  storeUnion(db: Database, entry: Ref): void {
    this.movedTo = entry;
    let asDense = this.#unionIsDense;
    for (let i = 0; i < REGISTER_COUNT && !asDense; i++) {
      const value = this.#union[i];
      asDense = value > 0 && this.#raiseSparse(db, i, value) === TOO_LARGE;
    }
    if (asDense) this.#becomeUnion(db);
    this.forgetCardinality();
  }

  /** The register `index` of the value loaded, which must be dense. */
  register(index: number): number {
    const { bytes, offset } = this.#strings;
    return denseRegister(bytes, offset + HEADER_BYTES, index);
  }

  /** Whether the value loaded knows its cardinality, which then is in `cardinalityLow` and `…High`. */
  recallCardinality(): boolean {
    const { bytes, offset } = this.#strings;
    const at = offset + CARDINALITY;
    this.cardinalityLow =
      bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    this.cardinalityHigh =
      bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
    return this.cardinalityHigh >= 0;
  }

  /** Estimates the cardinality of the value loaded and notes it there; false when it is corrupted. */
  estimate(): boolean {
    const histogram = this.#histogram;
    histogram.fill(0);
    const { bytes, offset, length } = this.#strings;
    const start = offset + HEADER_BYTES;
    if (!this.isSparse) countDense(bytes, start, histogram);
    else if (!countSparse(bytes, start, offset + length, histogram)) return false;
    this.#setCardinality(estimateCardinality(histogram));
    for (let i = 0; i < 4; i++) {
      bytes[offset + CARDINALITY + i] = this.cardinalityLow >>> (8 * i);
      bytes[offset + CARDINALITY + 4 + i] = this.cardinalityHigh >>> (8 * i);
    }
    return true;
  }

  /** Estimates the cardinality of the union. */
  estimateUnion(): void {
    const histogram = this.#histogram;
    histogram.fill(0);
    for (const value of this.#union) histogram[value]++;
    this.#setCardinality(estimateCardinality(histogram));
  }

  /** What no 64-bit integer holds becomes the smallest one, as in Redis. */
  #setCardinality(value: number): void {
    const fits = value < 2 ** 63;
    this.cardinalityLow = fits ? lowOf(value) : 0;
    this.cardinalityHigh = fits ? highOf(value) : -(2 ** 31);
  }

  /** The registers of the value loaded have changed: its cardinality is not known. */
  forgetCardinality(): void {
    const { bytes, offset } = this.#strings;
    bytes[offset + CARDINALITY + 7] |= CHANGED_BIT;
  }

  /** The value loaded, which must be sparse, as PFDEBUG DECODE shows it. */
  decodedText(): string {
    const { bytes, offset, length } = this.#strings;
    return sparseText(bytes, offset + HEADER_BYTES, offset + length);
  }

  /** The form of the value loaded as PFDEBUG ENCODING shows it. */
  formName(): string {
    return this.isSparse ? "sparse" : "dense";
  }
}
