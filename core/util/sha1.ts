// SHA-1, which names scripts (EVALSHA, SCRIPT LOAD) and makes DEBUG DIGEST.
import { sha1 as hash } from "@noble/hashes/legacy.js";
import { toHex } from "./hex.ts";

/** The 20 bytes of the digest of bytes[start, start+length). */
export function sha1(bytes: Uint8Array, start = 0, length: number = bytes.length): Uint8Array {
  return hash(bytes.subarray(start, start + length));
}

/** The digest as 40 lower-case hexadecimal digits. */
export function sha1Hex(bytes: Uint8Array, start = 0, length: number = bytes.length): string {
  return toHex(sha1(bytes, start, length));
}
