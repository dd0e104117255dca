// The digest of DEBUG DIGEST and DEBUG DIGEST-VALUE: 20 bytes that are the same for the same data,
// on any server, whatever the encoding and the order of unordered elements.
//
// Two operations build it. `xor` adds the SHA-1 of some bytes: the order of additions does not count,
// as for the members of a set. `mix` adds likewise and then replaces the digest by its own SHA-1: order
// counts, as for the elements of a list. A member that has parts (a field and its value) gets a
// digest of its own, mixed from the parts, which is then xored in.

import { toBytes } from "../util/bytes.ts";
import { toHex } from "../util/hex.ts";
import { sha1 } from "../util/sha1.ts";

const DIGEST_BYTES = 20;

export class ValueDigest {
  readonly bytes: Uint8Array = new Uint8Array(DIGEST_BYTES);
  #member: ValueDigest | null = null;

  reset(): void {
    this.bytes.fill(0);
  }

  /** Adds bytes[start, start+length) without regard to order. */
  xor(bytes: Uint8Array, start = 0, length: number = bytes.length): void {
    const hash = sha1(bytes, start, length);
    for (let i = 0; i < DIGEST_BYTES; i++) this.bytes[i] ^= hash[i];
  }

  /** Adds bytes[start, start+length) as the next in an order. */
  mix(bytes: Uint8Array, start = 0, length: number = bytes.length): void {
    this.xor(bytes, start, length);
    this.bytes.set(sha1(this.bytes));
  }

  xorText(text: string): void {
    this.xor(toBytes(text));
  }

  mixText(text: string): void {
    this.mix(toBytes(text));
  }

  /** Adds a 32-bit number, big-endian, as the next in an order. */
  mixNumber(value: number): void {
    this.mix(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  /** An empty digest for a member of several parts; `xorMember` adds it. One at a time. */
  member(): ValueDigest {
    this.#member ??= new ValueDigest();
    this.#member.reset();
    return this.#member;
  }

  /** Adds what was put into `member()`. */
  xorMember(member: ValueDigest): void {
    this.xor(member.bytes);
  }

  hex(): string {
    return toHex(this.bytes);
  }
}
