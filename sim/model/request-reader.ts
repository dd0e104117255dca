// The model's own reading of requests: RESP arrays of bulk strings in a growing string.

export class RequestReader {
  #text = "";

  add(bytes: Uint8Array, start: number, end: number): void {
    let text = "";
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
    this.#text += text;
  }

  /** The next whole command, or null. */
  next(): string[] | null {
    const text = this.#text;
    if (text[0] !== "*") return this.#nextInline();
    let at = text.indexOf("\r\n");
    if (at === -1) return null;
    const count = Number(text.slice(1, at));
    at += 2;
    const words: string[] = [];
    for (let i = 0; i < count; i++) {
      const lineEnd = text.indexOf("\r\n", at);
      if (lineEnd === -1) return null;
      const length = Number(text.slice(at + 1, lineEnd));
      const start = lineEnd + 2;
      if (text.length < start + length + 2) return null;
      words.push(text.slice(start, start + length));
      at = start + length + 2;
    }
    this.#text = text.slice(at);
    return words;
  }

  /** Inline commands of the workloads are plain words. */
  #nextInline(): string[] | null {
    const end = this.#text.indexOf("\n");
    if (end === -1) return null;
    const words = this.#text.slice(0, end).trim().split(" ");
    this.#text = this.#text.slice(end + 1);
    return words;
  }
}
