// What a script says about itself: its flags, and the first line ("#!lua flags=no-writes") in which
// scripts of EVAL and libraries of functions carry them.
import { cString } from "../commands/errors.ts";
import { DENYOOM, MAY_REPLICATE, STALE, WRITE } from "../commands/flags.ts";
import { splitText } from "../util/split-args.ts";

/** It writes nothing; writing is refused. */
export const NO_WRITES = 0x1;
/** It may run, and write, when memory is short. */
export const ALLOW_OOM = 0x2;
export const ALLOW_STALE = 0x4;
export const NO_CLUSTER = 0x8;
/** Without a first line: what it may do is decided command by command, as before Redis 7. */
export const COMPATIBLE = 0x10;
export const ALLOW_CROSS_SLOT = 0x20;

/** Flags in the order in which FUNCTION LIST shows them. */
export const SCRIPT_FLAG_NAMES: readonly (readonly [flag: number, name: string])[] = [
  [NO_WRITES, "no-writes"],
  [ALLOW_OOM, "allow-oom"],
  [ALLOW_STALE, "allow-stale"],
  [NO_CLUSTER, "no-cluster"],
  [ALLOW_CROSS_SLOT, "allow-cross-slot-keys"],
];

const FLAGS_OPTION = "flags=";
const NAME_OPTION = "name=";

/** The flag called `name`, 0 when there is none. */
export function scriptFlag(name: string): number {
  return SCRIPT_FLAG_NAMES.find(([, known]) => known === name)?.[0] ?? 0;
}

/** The flags of the command that runs a script, made more exact by what the script has declared. */
export function commandFlagsWith(commandFlags: number, scriptFlags: number): number {
  if ((scriptFlags & COMPATIBLE) !== 0) return commandFlags;
  let flags = commandFlags & ~(STALE | DENYOOM | WRITE | MAY_REPLICATE);
  if ((scriptFlags & (ALLOW_OOM | NO_WRITES)) === 0) flags |= DENYOOM;
  if ((scriptFlags & NO_WRITES) === 0) flags |= WRITE;
  if ((scriptFlags & ALLOW_STALE) !== 0) flags |= STALE;
  return flags;
}

export interface ScriptHead {
  readonly flags: number;
  /** Characters of the first line that are no Lua. */
  readonly length: number;
}

export interface LibraryHead {
  readonly engine: string;
  readonly name: string;
  readonly length: number;
}

/** Reads the first line of a script of EVAL. Answers with the error when it is wrong. */
export function readScriptHead(body: string): ScriptHead | string {
  if (!body.startsWith("#!")) return { flags: COMPATIBLE, length: 0 };
  const length = lineEnd(body);
  if (length === -1) return "ERR Invalid script shebang";
  const words = splitText(body.slice(0, length));
  if (words === null || words.length === 0) return "ERR Invalid engine in script shebang";
  if (cString(words[0]) !== "#!lua") {
    return `ERR Unexpected engine in script shebang: ${cString(words[0])}`;
  }
  let flags = 0;
  for (const word of words.slice(1)) {
    if (!word.startsWith(FLAGS_OPTION)) {
      return `ERR Unknown lua shebang option: ${cString(word)}`;
    }
    const list = word.slice(FLAGS_OPTION.length);
    for (const name of list === "" ? [] : list.split(",")) {
      const flag = scriptFlag(cString(name));
      if (flag === 0) return `ERR Unexpected flag in script shebang: ${cString(name)}`;
      flags |= flag;
    }
  }
  return { flags, length };
}

/** Reads the first line of a library. Answers with the error when it is wrong or missing. */
export function readLibraryHead(code: string): LibraryHead | string {
  if (!code.startsWith("#!")) return "ERR Missing library metadata";
  const length = lineEnd(code);
  if (length === -1) return "ERR Invalid library metadata";
  const words = splitText(code.slice(0, length));
  if (words === null || words.length === 0) return "ERR Invalid library metadata";
  let name: string | null = null;
  for (const word of words.slice(1)) {
    if (word.slice(0, NAME_OPTION.length).toLowerCase() !== NAME_OPTION) {
      return `ERR Invalid metadata value given: ${cString(word)}`;
    }
    if (name !== null) {
      return "ERR Invalid metadata value, name argument was given multiple times";
    }
    name = word.slice(NAME_OPTION.length);
  }
  if (name === null) return "ERR Library name was not given";
  return { engine: words[0].slice(2), name, length };
}

/** Where the first line ends, -1 when it does not (as in C, text ends at a NUL). */
function lineEnd(text: string): number {
  const end = text.indexOf("\n");
  const nul = text.indexOf("\0");
  return nul !== -1 && nul < end ? -1 : end;
}
