// The facts of facts.ts as objects: read once when the program starts, never changed, shared by the
// tables of all nodes. Whatever a node changes (statistics, names) lives in table.ts.
import { asciiLower } from "../util/bytes.ts";
import { FACTS_TEXT } from "./facts.ts";
import {
  CATEGORY_NAMES,
  FLAG_NAMES,
  HIDDEN_FLAG_NAMES,
  KEY_FLAG_NAMES,
  type Named,
} from "./flags.ts";

/** How a key spec finds the argument where its keys begin. */
export const BEGIN_UNKNOWN = 0;
/** At argument `beginIndex`. */
export const BEGIN_INDEX = 1;
/** Behind the word `keyword`, looked for from argument `beginIndex` (backwards when negative). */
export const BEGIN_KEYWORD = 2;

/** How a key spec finds its keys from there. */
export const FIND_UNKNOWN = 0;
/** Up to `lastKey` (relative to the begin, or to the end when negative), every `keyStep`. */
export const FIND_RANGE = 1;
/** As many as the argument at begin + `countIndex` says, starting at begin + `firstKey`. */
export const FIND_COUNTED = 2;

/** Code that finds keys where specs cannot; getkeys.ts has one function for each. */
export const KEY_FINDERS: readonly string[] = [
  "",
  "numkeys_at_1",
  "numkeys_at_2",
  "destination_numkeys_at_2",
  "bitfield",
  "georadius",
  "migrate",
  "set",
  "sort",
  "sort_ro",
  "xread",
];

/** Where a command's keys are among its arguments and what happens to them. */
export interface KeySpec {
  /** KEY_ bits. */
  readonly flags: number;
  readonly begin: number;
  readonly beginIndex: number;
  /** As replies show it: upper case. */
  readonly keyword: string;
  /** As arguments are compared with it: lower case. */
  readonly keywordLower: string;
  readonly find: number;
  readonly lastKey: number;
  readonly keyStep: number;
  /** With a negative `lastKey`: only every limit-th of the remaining arguments is a key; 0 and 1: all. */
  readonly limit: number;
  readonly countIndex: number;
  readonly firstKey: number;
}

/** What Redis says of one command or subcommand. */
export interface CommandFacts {
  /** Place among all facts: the same number for the same command in every table. */
  readonly id: number;
  /** "get", "client|kill". */
  readonly fullName: string;
  /** Exact number of arguments, the name included; negative: at least that many. */
  readonly arity: number;
  /** Bits of flags.ts. */
  readonly flags: number;
  /** ACL category bits. */
  readonly categories: number;
  /** The range of keys that a client can compute without specs; zeros when there is none. */
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  readonly tips: readonly string[];
  readonly keySpecs: readonly KeySpec[];
  /** Index in KEY_FINDERS. */
  readonly keyFinder: number;
}

const FLAG_BITS: ReadonlyMap<string, number> = bitsByName([...FLAG_NAMES, ...HIDDEN_FLAG_NAMES]);
const CATEGORY_BITS: ReadonlyMap<string, number> = bitsByName(CATEGORY_NAMES);
const KEY_FLAG_BITS: ReadonlyMap<string, number> = bitsByName(KEY_FLAG_NAMES);

/** All facts by full name, sorted by it; a container stands before its subcommands. */
export const COMMAND_FACTS: ReadonlyMap<string, CommandFacts> = parseFacts(FACTS_TEXT);

function bitsByName(names: readonly Named[]): Map<string, number> {
  return new Map(names.map(([bit, name]) => [name, bit]));
}

function parseFacts(text: string): Map<string, CommandFacts> {
  // The same words stand in many lines, so each text is read once: that takes a third of the time.
  const flagsOf = remember((words) => bits(words, FLAG_BITS));
  const categoriesOf = remember((words) => bits(words, CATEGORY_BITS));
  const numbersOf = remember((words) => words.split(" ").map(Number));
  const tipsOf = remember((words): readonly string[] => (words === "" ? [] : words.split(" ")));
  const specsOf = remember((specs) => (specs === "" ? [] : specs.split(",").map(parseSpec)));
  const facts = new Map<string, CommandFacts>();
  for (const line of text.split("\n")) {
    const [fullName, arity, flags, categories, keys, tips, specs, finder] = line.split(";");
    const [firstKey, lastKey, keyStep] = numbersOf(keys);
    facts.set(fullName, {
      id: facts.size,
      fullName,
      arity: Number(arity),
      flags: flagsOf(flags),
      categories: categoriesOf(categories),
      firstKey,
      lastKey,
      keyStep,
      tips: tipsOf(tips),
      keySpecs: specsOf(specs),
      keyFinder: KEY_FINDERS.indexOf(finder),
    });
  }
  return facts;
}

function remember<Value>(read: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = read(text);
      known.set(text, value);
    }
    return value;
  };
}

function bits(words: string, known: ReadonlyMap<string, number>): number {
  let all = 0;
  if (words !== "") for (const word of words.split(" ")) all |= known.get(word)!;
  return all;
}

function parseSpec(text: string): KeySpec {
  const [flags, begin, find] = text.split("/");
  const [beginKind, ...beginFields] = begin.split(" ");
  const [findKind, ...findFields] = find.split(" ");
  const [a, b, c] = findFields.map(Number);
  const keyword = beginKind === "keyword";
  const range = findKind === "range";
  const counted = findKind === "keynum";
  return {
    flags: bits(flags, KEY_FLAG_BITS),
    begin: keyword ? BEGIN_KEYWORD : beginKind === "index" ? BEGIN_INDEX : BEGIN_UNKNOWN,
    beginIndex: keyword ? Number(beginFields[1]) : Number(beginFields[0] ?? 0),
    keyword: keyword ? beginFields[0] : "",
    keywordLower: keyword ? asciiLower(beginFields[0]) : "",
    find: range ? FIND_RANGE : counted ? FIND_COUNTED : FIND_UNKNOWN,
    lastKey: range ? a : 0,
    keyStep: range ? b : counted ? c : 0,
    limit: range ? c : 0,
    countIndex: counted ? a : 0,
    firstKey: counted ? b : 0,
  };
}
