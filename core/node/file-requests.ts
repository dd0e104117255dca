// Files that the node reads or writes whole through the host, with what to do when it is done.
import type { Host } from "./host.ts";

export type ReadDone = (bytes: Uint8Array | null, error: string) => void;
export type WriteDone = (error: string | null) => void;

export class FileRequests {
  readonly #host: Host;
  #nextTag = 1;
  readonly #reads: Map<number, ReadDone> = new Map();
  readonly #writes: Map<number, WriteDone> = new Map();

  constructor(host: Host) {
    this.#host = host;
  }

  read(path: string, done: ReadDone): void {
    const tag = this.#nextTag++;
    this.#reads.set(tag, done);
    this.#host.readFile(tag, path);
  }

  write(path: string, bytes: Uint8Array, done: WriteDone): void {
    const tag = this.#nextTag++;
    this.#writes.set(tag, done);
    this.#host.writeFile(tag, path, bytes);
  }

  onRead(tag: number, bytes: Uint8Array | null, error: string): void {
    const done = this.#reads.get(tag);
    this.#reads.delete(tag);
    done?.(bytes, error);
  }

  onWritten(tag: number, error: string | null): void {
    const done = this.#writes.get(tag);
    this.#writes.delete(tag);
    done?.(error);
  }
}
