// The scripts that EVAL and SCRIPT LOAD have brought, by the SHA-1 of their text.
//
// A script of SCRIPT LOAD stays until SCRIPT FLUSH: its users call it by its digest and rely on it.
// Those that only EVAL has brought are sent again with every call, so of them the 500 used last are
// kept: whoever puts values into the text of scripts does not fill the memory.
import { toBytes } from "../util/bytes.ts";
import type { LuaFunction } from "./lua/function.ts";
import { Names } from "./names.ts";

/**
 * Scripts that are kept compiled: that takes ten times as much memory as a text, and a millisecond to
 * do again.
 */
const COMPILED_COUNT_MAX = 600;
/** So many of them stay when there are too many. */
const COMPILED_COUNT_KEPT = 450;
/** Scripts of EVAL that are kept. */
const EVAL_SCRIPTS_MAX = 500;
/** What a script needs besides its text and its digest. */
const SCRIPT_BYTES = 160;
/** Digests are hexadecimal text of this length. */
export const DIGEST_BYTES = 40;
/** About so many bytes of a text make its hash. */
const SAMPLES = 32;

export interface Script {
  /** 40 hexadecimal digits, lower case. */
  readonly sha: string;
  /** One character per byte. */
  readonly body: string;
  readonly flags: number;
  /** Where the Lua code begins in the body. */
  readonly codeStart: number;
  /** The compiled code; null until it is needed, and again when it was not for long. */
  main: LuaFunction | null;
  /** When it was run last, in runs of scripts. */
  usedAt: number;
  /** It came with EVAL and may be forgotten. */
  readonly isFromEval: boolean;
}

export class ScriptCache {
  readonly #scripts: Names<Script>;
  /** By a hash of some of their bytes; of those with the same hash the last. */
  readonly #byText: Map<number, Script> = new Map();
  readonly #all: Set<Script> = new Set();
  /** Scripts of EVAL, the one used longest ago first. */
  readonly #evalScripts: Set<Script> = new Set();
  /** The script used last, which needs no moving when it is used again. */
  #latest: Script | null = null;
  readonly #compiled: Set<Script> = new Set();
  #runs = 0;
  /** Length of all texts together. */
  textBytes = 0;
  /** False for a script that keeps something besides its text. */
  mayForgetCode: (script: Script) => boolean = () => true;
  /** Scripts of EVAL forgotten to make room. */
  onEvicted: () => void = () => {};

  constructor(seed: number) {
    this.#scripts = new Names(seed);
  }

  get count(): number {
    return this.#scripts.size;
  }

  /** What the cache needs, as INFO's used_memory_scripts_eval reports it. */
  get bytes(): number {
    return this.textBytes + this.count * (SCRIPT_BYTES + DIGEST_BYTES);
  }

  all(): IterableIterator<Script> {
    return this.#all.values();
  }

  /** The script with this digest, in any case, or null. */
  find(bytes: Uint8Array, offset: number, length: number): Script | null {
    return length === DIGEST_BYTES ? this.#scripts.find(bytes, offset, length) : null;
  }

  /**
   * The script with this text, or null. It need not find one that is there: EVAL sends the same
   * texts again and again, and recognizing them is much cheaper than SHA-1.
   */
  findText(bytes: Uint8Array, offset: number, length: number): Script | null {
    const script = this.#byText.get(sample(bytes, offset, length));
    if (script === undefined || script.body.length !== length) return null;
    const { body } = script;
    for (let i = 0; i < length; i++) if (body.charCodeAt(i) !== bytes[offset + i]) return null;
    return script;
  }

  /** Adds a script that is not there. */
  add(script: Script): void {
    if (script.isFromEval) {
      for (const oldest of this.#evalScripts) {
        if (this.#evalScripts.size < EVAL_SCRIPTS_MAX) break;
        this.#remove(oldest);
        this.onEvicted();
      }
      this.#evalScripts.add(script);
      this.#latest = script;
    }
    this.#scripts.add(script.sha, script);
    this.#all.add(script);
    if (script.main !== null) this.noteCompiled(script);
    this.#byText.set(sampleText(script.body), script);
    this.textBytes += script.body.length;
  }

  #remove(script: Script): void {
    this.#evalScripts.delete(script);
    this.#compiled.delete(script);
    this.#scripts.delete(script.sha);
    this.#all.delete(script);
    const hash = sampleText(script.body);
    if (this.#byText.get(hash) === script) this.#byText.delete(hash);
    this.textBytes -= script.body.length;
  }

  /** The script was called: of those of EVAL it is now the last to go. */
  touch(script: Script): void {
    script.usedAt = ++this.#runs;
    if (script === this.#latest || !this.#evalScripts.delete(script)) return;
    this.#evalScripts.add(script);
    this.#latest = script;
  }

  /** A script was compiled: those that were not run for longest are compiled again when they are. */
  noteCompiled(script: Script): void {
    this.#compiled.add(script);
    script.usedAt = ++this.#runs;
    if (this.#compiled.size <= COMPILED_COUNT_MAX) return;
    const oldestFirst = [...this.#compiled].sort((a, b) => a.usedAt - b.usedAt);
    for (const old of oldestFirst.slice(0, -COMPILED_COUNT_KEPT)) {
      if (!this.mayForgetCode(old)) continue;
      old.main = null;
      this.#compiled.delete(old);
    }
  }

  clear(): void {
    this.#compiled.clear();
    this.#scripts.clear();
    this.#all.clear();
    this.#byText.clear();
    this.#evalScripts.clear();
    this.#latest = null;
    this.textBytes = 0;
  }
}

function sampleText(text: string): number {
  return sample(toBytes(text), 0, text.length);
}

/** A hash of the length and of some bytes from all over the text. */
function sample(bytes: Uint8Array, offset: number, length: number): number {
  const step = Math.max(1, Math.floor(length / SAMPLES));
  let hash = length;
  for (let i = 0; i < length; i += step) hash = Math.imul(hash ^ bytes[offset + i], 0x01000193);
  return hash;
}
