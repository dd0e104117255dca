// SHA-256, which ACL keeps passwords as.
import { sha256 as hash } from "@noble/hashes/sha2.js";
import { toHex } from "./hex.ts";

/** The 32 bytes of the digest of bytes[start, start+length). */
export function sha256(bytes: Uint8Array, start = 0, length: number = bytes.length): Uint8Array {
  return hash(bytes.subarray(start, start + length));
}

/** The digest as 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array, start = 0, length: number = bytes.length): string {
  return toHex(sha256(bytes, start, length));
}
