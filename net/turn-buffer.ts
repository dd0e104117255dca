// What the connections of a server send in a turn, one after the other in one buffer: most replies are
// short, and are with the kernel at the end of the turn. So they always lie in the same few lines of the
// processor's cache, and no connection needs a buffer of its own for them.
import { copyBytes, copyWords } from "../core/util/copy.ts";

const BYTES = 64 * 1024;
/** More is copied faster by `Uint8Array.set`, although that takes an object. */
const WORDS_BYTES_MAX = 512;

export class TurnBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(BYTES);
  readonly #view = new DataView(this.bytes.buffer);
  /** Bytes of it that are in use. */
  size = 0;
  /** Where the last ones came from: mostly the next ones come from there, too. */
  #source: Uint8Array | null = null;
  #sourceView: DataView | null = null;

  hasRoomFor(count: number): boolean {
    return this.size + count <= BYTES;
  }

  /** Adds bytes[start, end), for which there must be room. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    const view = this.#viewOf(bytes);
    if (view === null || count > WORDS_BYTES_MAX) {
      copyBytes(this.bytes, this.size, bytes, start, count);
    } else {
      copyWords(this.#view, this.size, view, start, count);
    }
    this.size += count;
  }

  /** A view of the same memory, or null when `bytes` was not the last source: it may not come again. */
  #viewOf(bytes: Uint8Array): DataView | null {
    if (bytes === this.#source) {
      this.#sourceView ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } else {
      this.#source = bytes;
      this.#sourceView = null;
    }
    return this.#sourceView;
  }

  /** Nobody needs what is in it any more. */
  clear(): void {
    this.size = 0;
  }
}
