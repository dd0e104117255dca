// Keys that commands will look up soon, with their hashes. Keys among a million others lie anywhere in
// memory, and who needs one waits for it several times, for its slot in a page, its entry, its value. What
// the next commands need is fetched for all of them at once, so that the waits overlap (`Dicts.fetch`), and
// the hashes that this takes are kept for the commands.
//
// Nothing depends on it: what is not here is hashed as always.

const KEYS_MAX = 64;
const NO_BYTES = new DataView(new ArrayBuffer(0));

export class LookAhead {
  count = 0;
  readonly hashes: Int32Array = new Int32Array(KEYS_MAX);
  /** What `Dicts.fetch` works with. */
  readonly refs: Int32Array = new Int32Array(KEYS_MAX);
  readonly #offsets: Int32Array = new Int32Array(KEYS_MAX);
  readonly #lengths: Int32Array = new Int32Array(KEYS_MAX);
  #view: DataView = NO_BYTES;
  /** Keys before this one were looked up, or never will be. */
  #next = 0;

  /** The keys to come lie in `view`, whose bytes do not change before the next `clear`. */
  begin(view: DataView): void {
    this.clear();
    if (this.#view !== view) this.#view = view;
  }

  /** Forgets all keys. */
  clear(): void {
    this.count = 0;
    this.#next = 0;
  }

  /** Forgets the bytes, too. */
  release(): void {
    this.clear();
    this.#view = NO_BYTES;
  }

  get isFull(): boolean {
    return this.count === KEYS_MAX;
  }

  /** Adds a key; keys are added in the order in which they lie in the view. */
  add(offset: number, length: number, hash: number): void {
    this.#offsets[this.count] = offset;
    this.#lengths[this.count] = length;
    this.hashes[this.count++] = hash;
  }

  /** The place in `hashes` of the key with these bytes, or -1. */
  indexOf(view: DataView, offset: number, length: number): number {
    if (view !== this.#view) return -1;
    let next = this.#next;
    while (next < this.count && this.#offsets[next] < offset) next++;
    this.#next = next;
    if (next === this.count) return -1;
    return this.#offsets[next] === offset && this.#lengths[next] === length ? next : -1;
  }
}
