// Bytes as text of one character each, which is what the model and the clients think in.
export { decodeText as textOf, encodeText } from "../core/util/text-codec.ts";
