// What the connections of a server send in a turn, one after the other in one buffer: most replies are
// short, and are with the kernel at the end of the turn. So they always lie in the same few lines of the
// processor's cache, and no connection needs a buffer of its own for them.
import { copyWords } from "../core/util/copy.ts";

const BYTES = 64 * 1024;
/** More is copied faster by `Uint8Array.set`, although that takes an object. */
const WORDS_BYTES_MAX = 512;

export class TurnBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(BYTES);
  readonly #view = new DataView(this.bytes.buffer);
  /** Bytes of it that are in use. */
  size = 0;
  /** Where the last ones came from: mostly the next ones come from there, too. */
  #source: Uint8Array = new Uint8Array(0);
  #sourceView: DataView = new DataView(this.#source.buffer);

  hasRoomFor(count: number): boolean {
    return this.size + count <= BYTES;
  }

  /** Adds bytes[start, end), for which there must be room. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (count > WORDS_BYTES_MAX) {
      this.bytes.set(bytes.subarray(start, end), this.size);
    } else {
      if (bytes !== this.#source) {
        this.#source = bytes;
        this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
      copyWords(this.#view, this.size, this.#sourceView, start, count);
    }
    this.size += count;
  }

  /** Nobody needs what is in it any more. */
  clear(): void {
    this.size = 0;
  }
}
