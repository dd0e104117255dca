// Bytes as text of one character each, which is what the model and the clients think in.

const PIECE = 8192;

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (end - start === 1) return String.fromCharCode(bytes[start]);
  let text = "";
  for (let at = start; at < end; at += PIECE) {
    const piece = bytes.subarray(at, Math.min(end, at + PIECE));
    text += String.fromCharCode.apply(null, piece as unknown as number[]);
  }
  return text;
}

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
