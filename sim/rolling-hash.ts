// The fingerprint of a run: everything that crosses a node's boundary goes in, in order. Two 32-bit
// lanes of multiply-and-xor over words; not cryptographic, but any difference in any byte, length
// or order changes it.

export class RollingHash {
  #a = 0x243f6a88 | 0;
  #b = 0x85a308d3 | 0;

  /** Adds a number (32 bits of it). */
  word(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    this.#b = Math.imul((this.#b << 5) | (this.#b >>> 27), 0x85ebca6b) ^ value;
  }

  /** Adds bytes and their length. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = start; i < end; i++) {
      a = Math.imul(a ^ bytes[i], 0x01000193);
      b = Math.imul((b << 5) | (b >>> 27), 0x85ebca6b) ^ bytes[i];
    }
    this.#a = a;
    this.#b = b;
    this.word(end - start);
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
    return hex(this.#a ^ (this.#a >>> 15)) + hex(this.#b ^ (this.#b >>> 13));
  }
}
