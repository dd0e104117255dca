// What a script has been told from outside so far: the replies of its commands, one behind the other
// with their lengths, and the answers of its clock. A script that must run again (see script-runner.ts)
// is told the same until it has come as far as it was, and then goes on.
import type { Reply } from "../resp/reply.ts";

const INITIAL_BYTES = 4096;
/** A larger buffer is given back after use. */
const KEEP_BYTES_MAX = 1024 * 1024;
/** With more than this the script had better change over to the body that can wait. */
const RECORDED_BYTES_MAX = 16 * 1024 * 1024;
const LENGTH_BYTES = 4;

export class CallRecord {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #size = 0;
  /** Where the next reply is to be told; `#size` when all have been. */
  #position = 0;
  readonly #seconds: number[] = [];
  #nextSeconds = 0;
  #logCount = 0;
  /** Log lines that were written before and are not written again. */
  #logsToSkip = 0;
  /** Nothing more is noted down. */
  closed = false;

  /** Forgets everything: another script begins. */
  reset(): void {
    this.#size = 0;
    this.#position = 0;
    // Setting the length of an array is slow, even if it is right already.
    if (this.#seconds.length > 0) this.#seconds.length = 0;
    this.#nextSeconds = 0;
    this.#logCount = 0;
    this.#logsToSkip = 0;
    this.closed = false;
    if (this.bytes.length > KEEP_BYTES_MAX) this.bytes = new Uint8Array(INITIAL_BYTES);
  }

  /** The script begins anew and is told what it was told. After that nothing more is noted down. */
  rewind(): void {
    this.#position = 0;
    this.#nextSeconds = 0;
    this.#logsToSkip = this.#logCount;
    this.closed = true;
  }

  /** There is a reply that was given before. */
  get hasNext(): boolean {
    return this.#position < this.#size;
  }

  get isFull(): boolean {
    return this.#size > RECORDED_BYTES_MAX && !this.closed;
  }

  add(reply: Reply): void {
    const { size } = reply;
    const end = this.#size + LENGTH_BYTES + size;
    if (end > this.bytes.length) this.#grow(end);
    const { bytes } = this;
    let at = this.#size;
    bytes[at++] = size;
    bytes[at++] = size >>> 8;
    bytes[at++] = size >>> 16;
    bytes[at++] = size >>> 24;
    if (size > 64) bytes.set(reply.bytes.subarray(0, size), at);
    else for (let i = 0; i < size; i++) bytes[at + i] = reply.bytes[i];
    this.#size = end;
    this.#position = end;
  }

  #grow(end: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, end));
    bytes.set(this.bytes.subarray(0, this.#size));
    this.bytes = bytes;
  }

  /** Where in `bytes` the next reply that was given before begins. */
  next(): number {
    const { bytes } = this;
    const at = this.#position;
    const size = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    this.#position = at + LENGTH_BYTES + size;
    return at + LENGTH_BYTES;
  }

  /** The answer of the script's clock: `now`, unless this question was answered before. */
  seconds(now: number): number {
    if (this.#nextSeconds < this.#seconds.length) return this.#seconds[this.#nextSeconds++];
    if (this.closed) return now;
    this.#seconds.push(now);
    this.#nextSeconds++;
    return now;
  }

  /** True when a log line is new. */
  noteLog(): boolean {
    if (this.#logsToSkip > 0) {
      this.#logsToSkip--;
      return false;
    }
    this.#logCount++;
    return true;
  }
}
