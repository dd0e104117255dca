// From the bytes of a name to what it names, ignoring ASCII case: scripts by their digests, functions
// by their names. As NameIndex of the command table it makes no string and no object to look
// something up, but names come and go here, and clients choose them: the names with the same hash
// are in a chain. The hash is seeded, so that nobody can choose names for one long chain.
import { asciiLower, toBytes } from "../util/bytes.ts";

interface Link<Value> {
  readonly name: string;
  /** The name in lower case. */
  readonly folded: Uint8Array;
  readonly value: Value;
  next: Link<Value> | null;
}

export class Names<Value> {
  readonly #chains: Map<number, Link<Value>> = new Map();
  readonly #seed: number;
  /** What was found last: most likely it is looked for again. */
  #last: Link<Value> | null = null;
  size = 0;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** What bytes[offset, offset+length) names, or null. */
  find(bytes: Uint8Array, offset: number, length: number): Value | null {
    const last = this.#last;
    if (last !== null && isSame(last.folded, bytes, offset, length)) return last.value;
    let link = this.#chains.get(this.#hash(bytes, offset, length)) ?? null;
    while (link !== null && !isSame(link.folded, bytes, offset, length)) link = link.next;
    if (link === null) return null;
    this.#last = link;
    return link.value;
  }

  get(name: string): Value | null {
    return this.find(toBytes(name), 0, name.length);
  }

  /** Adds a name that is not there. */
  add(name: string, value: Value): void {
    const folded = toBytes(asciiLower(name));
    const hash = this.#hash(folded, 0, folded.length);
    this.#chains.set(hash, { name, folded, value, next: this.#chains.get(hash) ?? null });
    this.size++;
  }

  delete(name: string): void {
    const folded = toBytes(asciiLower(name));
    const hash = this.#hash(folded, 0, folded.length);
    let before: Link<Value> | null = null;
    let link = this.#chains.get(hash) ?? null;
    while (link !== null && !isSame(link.folded, folded, 0, folded.length)) {
      before = link;
      link = link.next;
    }
    if (link === null) return;
    this.#last = null;
    this.size--;
    if (before !== null) before.next = link.next;
    else if (link.next !== null) this.#chains.set(hash, link.next);
    else this.#chains.delete(hash);
  }

  clear(): void {
    this.#chains.clear();
    this.#last = null;
    this.size = 0;
  }

  /** The hash ORs 32 into every byte, which folds letters and merges a few other bytes. */
  #hash(bytes: Uint8Array, offset: number, length: number): number {
    let hash = this.#seed ^ length;
    for (let i = offset; i < offset + length; i++) {
      hash = Math.imul(hash ^ (bytes[i] | 32), 0x01000193);
    }
    return hash ^ (hash >>> 15);
  }
}

/** True when the bytes are the folded name, in any case. */
function isSame(folded: Uint8Array, bytes: Uint8Array, offset: number, length: number): boolean {
  if (folded.length !== length) return false;
  for (let i = 0; i < length; i++) {
    let byte = bytes[offset + i];
    if (byte >= 65 && byte <= 90) byte |= 32;
    if (byte !== folded[i]) return false;
  }
  return true;
}
