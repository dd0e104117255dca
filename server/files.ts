// The node's small files: read whole, or replaced so that after a crash either the old or the new
// one is there, never half of it.
import { open, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { thrownText } from "../net/strerror.ts";
import { toNativeText } from "./native-text.ts";

export interface FileEvents {
  read(tag: number, bytes: Uint8Array | null, error: string): void;
  written(tag: number, error: string | null): void;
}

export class Files {
  readonly #events: FileEvents;
  /** Writes go one after the other: two of one file must not overtake each other. */
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(events: FileEvents) {
    this.#events = events;
  }

  /** `path` has one character per byte, as everywhere in the node. */
  read(tag: number, path: string): void {
    readFile(toNativeText(path)).then(
      (bytes) => this.#events.read(tag, bytes, ""),
      (error) => this.#events.read(tag, null, thrownText(error)),
    );
  }

  write(tag: number, path: string, bytes: Uint8Array): void {
    this.#lastWrite = this.#lastWrite
      .then(() => replaceFile(toNativeText(path), bytes))
      .then((error) => this.#events.written(tag, error));
  }

  /** Resolves when everything is written. */
  get idle(): Promise<void> {
    return this.#lastWrite;
  }
}

/** Null, or the text of the error. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<string | null> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeSynced(temporary, bytes);
    await rename(temporary, path);
    // The new name is only certain once the folder is on disk, too.
    await syncFolder(dirname(path));
    return null;
  } catch (error) {
    await unlink(temporary).catch(() => {});
    return thrownText(error);
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
