// One compiled text: its functions, and for every place in it that may fail or call ("site") the
// line and the names that messages need.
import type { Factory } from "./compiler.ts";
import type { Prototype } from "./prototype.ts";

/** What a site is: an operation, a call, a call whose frame replaces its caller's. */
export const SITE_OPERATION = 0;
export const SITE_CALL = 1;
export const SITE_TAIL_CALL = 2;
/** The call of an iterator. */
export const SITE_FOR = 3;

export class Chunk {
  readonly name: string;
  /** The name as messages show it: `[string "…"]`, `user_script`. */
  readonly id: string;
  readonly prototypes: Prototype[] = [];
  /** By site: the line times 4 plus what it is. */
  private sites: Int32Array = new Int32Array(0);
  private readonly building: number[] = [];
  /** By site, where there is one: what its first and second operand are called. */
  readonly names: (string | undefined)[] = [];
  private readonly otherNames: Map<number, string> = new Map();
  source = "";
  /** The compiled factories by function; the suspendable ones are made when they are needed. */
  fast: Factory[] = [];
  suspendable: Factory[] | null = null;

  constructor(name: string) {
    this.name = name;
    this.id = chunkId(name);
  }

  /** Names are a letter for what they name (see naming.ts) and the name. */
  addSite(line: number, kind: number, name?: string, otherName?: string): number {
    this.names.push(name);
    if (otherName !== undefined) this.otherNames.set(this.names.length - 1, otherName);
    return this.building.push(line * 4 + kind) - 1;
  }

  lineOf(site: number): number {
    return this.sites[site] >> 2;
  }

  kindOf(site: number): number {
    return this.sites[site] & 3;
  }

  /** What the first (1) or second (2) operand is called. */
  nameOf(site: number, which: number): string | undefined {
    return which === 1 ? this.names[site] : this.otherNames.get(site);
  }

  /** Compiled chunks may be many: what only the compiler needs goes. */
  compact(): void {
    this.sites = Int32Array.from(this.building);
    this.building.length = 0;
    for (const prototype of this.prototypes) prototype.compact();
  }
}

const ID_SIZE: number = 60;
const STRING_ID_MAX = ID_SIZE - ' [string "..."] '.length - 1;
const FILE_ID_MAX = ID_SIZE - " '...' ".length - 1;

/** Lua's short form of a chunk name. */
export function chunkId(chunkName: string, size: number = ID_SIZE): string {
  const name = chunkName.split("\0", 1)[0];
  const more = size - ID_SIZE;
  if (name[0] === "=") return name.slice(1, size);
  if (name[0] === "@") {
    const file = name.slice(1);
    const max = FILE_ID_MAX + more;
    return file.length > max ? `...${file.slice(-max)}` : file;
  }
  const line = /^[^\n\r]*/.exec(name)![0].slice(0, STRING_ID_MAX + more);
  return line.length < name.length ? `[string "${line}..."]` : `[string "${line}"]`;
}
