// The libraries of functions: what FUNCTION LOAD has brought and FCALL calls.
//
// Names of libraries are taken as they are; names of functions ignore ASCII case when they are
// called, and no two libraries may have the same. A set of libraries is built aside (FUNCTION
// RESTORE) and then joined or put in the place of the old one as a whole.
import type { LuaFunction } from "./lua/function.ts";
import { Names } from "./names.ts";

/** The one engine there is, as replies name it. */
export const ENGINE_NAME = "LUA";

/** What a library and a function need besides their texts. */
const LIBRARY_BYTES = 200;
const FUNCTION_BYTES = 160;

export interface LibraryFunction {
  readonly name: string;
  readonly description: string | null;
  /** Of script-flags.ts. */
  readonly flags: number;
  readonly callback: LuaFunction;
  /** It may see what an earlier call has left: it cannot be run twice to one effect. */
  readonly keepsState: boolean;
}

export interface Library {
  readonly name: string;
  /** The whole text, its first line included; one character per byte. */
  readonly code: string;
  /** In the order of their registration. */
  readonly functions: Map<string, LibraryFunction>;
}

/** True for a name that libraries and functions may have. */
export function isName(text: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(text);
}

export const WRONG_NAME =
  "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

export class Libraries {
  readonly #byName: Map<string, Library> = new Map();
  readonly #functions: Names<LibraryFunction>;
  #bytes = 0;

  constructor(seed: number) {
    this.#functions = new Names(seed);
  }

  get count(): number {
    return this.#byName.size;
  }

  get functionCount(): number {
    return this.#functions.size;
  }

  /** What the libraries need, as INFO's used_memory_functions reports it. */
  get bytes(): number {
    return this.#bytes;
  }

  all(): IterableIterator<Library> {
    return this.#byName.values();
  }

  get(name: string): Library | undefined {
    return this.#byName.get(name);
  }

  /** The function called by bytes[offset, offset+length), or null. */
  findFunction(bytes: Uint8Array, offset: number, length: number): LibraryFunction | null {
    return this.#functions.find(bytes, offset, length);
  }

  /** The name of one of the library's functions that is taken by another library, or null. */
  conflictOf(library: Library): string | null {
    for (const name of library.functions.keys()) {
      if (this.#functions.get(name) !== null) return name;
    }
    return null;
  }

  /** Adds a library; neither it nor any of its functions is there. */
  add(library: Library): void {
    this.#byName.set(library.name, library);
    for (const each of library.functions.values()) this.#functions.add(each.name, each);
    this.#bytes += bytesOf(library);
  }

  remove(library: Library): void {
    this.#byName.delete(library.name);
    for (const name of library.functions.keys()) this.#functions.delete(name);
    this.#bytes -= bytesOf(library);
  }

  clear(): void {
    this.#byName.clear();
    this.#functions.clear();
    this.#bytes = 0;
  }

  /**
   * Adds all of `others`, in the place of libraries of the same names when `replaces`. Answers with
   * an error, having changed nothing, when names are taken.
   */
  join(others: Libraries, replaces: boolean): string | null {
    const replaced: Library[] = [];
    const error = this.#makeRoom(others, replaces, replaced);
    if (error === null) for (const library of others.all()) this.add(library);
    else for (const library of replaced) this.add(library);
    return error;
  }

  #makeRoom(others: Libraries, replaces: boolean, replaced: Library[]): string | null {
    for (const { name } of others.all()) {
      const old = this.#byName.get(name);
      if (old === undefined) continue;
      if (!replaces) return `ERR Library ${name} already exists`;
      this.remove(old);
      replaced.push(old);
    }
    for (const library of others.all()) {
      const taken = this.conflictOf(library);
      if (taken !== null) return `ERR Function ${taken} already exists`;
    }
    return null;
  }
}

function bytesOf(library: Library): number {
  let bytes = LIBRARY_BYTES + library.name.length + library.code.length;
  for (const { name, description } of library.functions.values()) {
    bytes += FUNCTION_BYTES + name.length + (description?.length ?? 0);
  }
  return bytes;
}
