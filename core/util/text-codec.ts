// Long texts to bytes and back, one character per byte. The platform does that many times faster than
// code that looks at each character; a host that has such functions offers them. They must do exactly
// what those here do, so who runs on which is not to be seen.
import { latin1 } from "./bytes.ts";

export interface TextCodec {
  /** bytes[start, end) as a text. */
  decode(bytes: Uint8Array, start: number, end: number): string;
  /** Writes a text to bytes[at, at + text.length). */
  encode(text: string, bytes: Uint8Array, at: number): void;
}

function encodePlain(text: string, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

let codec: TextCodec = { decode: latin1, encode: encodePlain };

/** From now on long texts go through what the platform has. */
export function useTextCodec(platform: TextCodec): void {
  codec = platform;
}

/** Calling the platform costs as much as this many characters. */
const LONG_LENGTH = 64;

export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return end - start < LONG_LENGTH ? latin1(bytes, start, end) : codec.decode(bytes, start, end);
}

export function encodeText(text: string, bytes: Uint8Array, at: number): void {
  if (text.length < LONG_LENGTH) encodePlain(text, bytes, at);
  else codec.encode(text, bytes, at);
}
