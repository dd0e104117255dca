// The lines at which a debugged script stops.
const COUNT_MAX = 64;
const INT_BYTES = 4;

export class Breakpoints {
  readonly #lines: Int32Array = new Int32Array(COUNT_MAX);
  count = 0;

  get isFull(): boolean {
    return this.count === COUNT_MAX;
  }

  has(line: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.#lines[i] === line) return true;
    return false;
  }

  /** In the order in which they were set. */
  all(): number[] {
    return [...this.#lines.subarray(0, this.count)];
  }

  clear(): void {
    this.count = 0;
  }

  /** False when it was set already. */
  add(line: number): boolean {
    if (this.has(line) || this.isFull) return false;
    this.#lines[this.count++] = line;
    return true;
  }

  /** False when it was not set. */
  remove(line: number): boolean {
    const i = this.#lines.subarray(0, this.count).indexOf(line);
    if (i < 0) return false;
    this.count--;
    // Redis moves as many bytes as it should move numbers. Which breakpoints are left then shows in the
    // lists that it sends.
    const bytes = new Uint8Array(this.#lines.buffer);
    const from = (i + 1) * INT_BYTES;
    bytes.copyWithin(i * INT_BYTES, from, from + this.count - i);
    return true;
  }
}
