// The arguments of the command that is being executed: places in a byte buffer, never strings.
//
// `bytes` is the buffer the command was parsed in (the transport's read buffer, a connection's
// query buffer, or the copy that MULTI keeps). It is only valid while the command runs: whoever
// wants an argument for longer copies it (`copy`, `latin1`). One instance per node is reused for
// all commands, so executing a command allocates nothing.
import { latin1, toBytes } from "../util/bytes.ts";
import { parseInteger } from "../util/integer.ts";

const INITIAL_ARGS = 64;
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

export class Args {
  /** The buffer that every argument lies in. */
  bytes: Uint8Array = NO_BYTES;
  /** A view over the same bytes as `bytes`, for reading words. */
  view: DataView = NO_VIEW;
  /** Number of arguments, the command's name included. */
  count = 0;
  /** Byte offset of argument i in `bytes`. */
  offset: Int32Array;
  /** Length in bytes of argument i. */
  length: Int32Array;

  constructor(argCount: number = INITIAL_ARGS) {
    this.offset = new Int32Array(argCount);
    this.length = new Int32Array(argCount);
  }

  /** Arguments made from text of one character per byte, for commands the node makes itself. */
  static of(...words: string[]): Args {
    const bytes = toBytes(words.join(""));
    const args = new Args(words.length);
    args.attach(bytes, new DataView(bytes.buffer));
    let at = 0;
    for (const word of words) {
      args.push(at, word.length);
      at += word.length;
    }
    return args;
  }

  /** A copy with a buffer of its own, for a command that is kept: queued by MULTI, blocked. */
  clone(): Args {
    let total = 0;
    for (let i = 0; i < this.count; i++) total += this.length[i];
    const bytes = new Uint8Array(total);
    const args = new Args(this.count);
    args.attach(bytes, new DataView(bytes.buffer));
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      const start = this.offset[i];
      bytes.set(this.bytes.subarray(start, start + this.length[i]), at);
      args.push(at, this.length[i]);
      at += this.length[i];
    }
    return args;
  }

  /** Sets the buffer that the offsets refer to. */
  attach(bytes: Uint8Array, view: DataView): void {
    this.bytes = bytes;
    this.view = view;
  }

  /** Lets go of the buffer. */
  release(): void {
    this.count = 0;
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
  }

  /** Forgets the arguments; the arrays stay for the next command. */
  clear(): void {
    this.count = 0;
  }

  /** Adds an argument lying at `offset`. */
  push(offset: number, length: number): void {
    const index = this.count;
    if (index === this.offset.length) this.#grow();
    this.offset[index] = offset;
    this.length[index] = length;
    this.count = index + 1;
  }

  #grow(): void {
    const offset = new Int32Array(this.offset.length * 2 + 8);
    const length = new Int32Array(this.length.length * 2 + 8);
    offset.set(this.offset);
    length.set(this.length);
    this.offset = offset;
    this.length = length;
  }

  /** Argument i as a string of one character per byte. For cold paths: it allocates. */
  latin1(index: number): string {
    const start = this.offset[index];
    return latin1(this.bytes, start, start + this.length[index]);
  }

  /** A copy of argument i that may be kept. */
  copy(index: number): Uint8Array {
    const start = this.offset[index];
    return this.bytes.slice(start, start + this.length[index]);
  }

  /** True when argument i is `word`, ignoring ASCII case. `word` must be in lower case. */
  is(index: number, word: string): boolean {
    const length = this.length[index];
    if (length !== word.length) return false;
    const { bytes } = this;
    const start = this.offset[index];
    for (let i = 0; i < length; i++) {
      let byte = bytes[start + i];
      if (byte >= 65 && byte <= 90) byte |= 32;
      if (byte !== word.charCodeAt(i)) return false;
    }
    return true;
  }

  /** True when arguments i and j are the same bytes. */
  same(i: number, j: number): boolean {
    const length = this.length[i];
    if (length !== this.length[j]) return false;
    const { bytes } = this;
    const a = this.offset[i];
    const b = this.offset[j];
    for (let k = 0; k < length; k++) if (bytes[a + k] !== bytes[b + k]) return false;
    return true;
  }

  /**
   * Argument i as an integer when it is one in Redis's strict form and exactly representable
   * (|n| ≤ 2^53 - 1), else NaN. For the full signed 64-bit range use `bigint`.
   */
  integer(index: number): number {
    return parseInteger(this.bytes, this.offset[index], this.length[index]);
  }
}
