// Inside the node text has one character per byte; Node's file names, arguments and environment
// are text proper. Names that are not UTF-8 cannot be expressed on Node's side.

import type { TextCodec } from "../core/util/text-codec.ts";

/** Text of Node's as text of one character per byte. */
export function toByteText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Text of one character per byte as Node takes it. */
export function toNativeText(byteText: string): string {
  return Buffer.from(byteText, "latin1").toString("utf8");
}

/** Long texts to bytes and back. */
export const nativeTextCodec: TextCodec = {
  decode: (bytes, start, end) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1"),
  encode: (text, bytes, at) => {
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(text, at, "latin1");
  },
};
