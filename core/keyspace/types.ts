// Types and encodings of values, with Redis's numbers (they show up in nothing but our own records)
// and Redis's names (TYPE, OBJECT ENCODING).

export const STRING = 0;
export const LIST = 1;
export const SET = 2;
export const ZSET = 3;
export const HASH = 4;
export const STREAM = 6;

const TYPE_NAMES: readonly string[] = ["string", "list", "set", "zset", "hash", "module", "stream"];

/** The name that TYPE answers with. */
export function typeName(type: number): string {
  return TYPE_NAMES[type];
}

export const RAW = 0;
export const INT = 1;
export const HASHTABLE = 2;
export const INTSET = 6;
export const SKIPLIST = 7;
export const EMBSTR = 8;
export const QUICKLIST = 9;
export const STREAM_ENCODING = 10;
export const LISTPACK = 11;
export const LISTPACK_EX = 12;

const ENCODING_NAMES: readonly string[] = [
  "raw",
  "int",
  "hashtable",
  "zipmap",
  "linkedlist",
  "ziplist",
  "intset",
  "skiplist",
  "embstr",
  "quicklist",
  "stream",
  "listpack",
  "listpackex",
];

/** The name that OBJECT ENCODING answers with. */
export function encodingName(encoding: number): string {
  return ENCODING_NAMES[encoding];
}

/** Strings up to this length are `embstr` when set whole, as in Redis. */
export const EMBSTR_BYTES_MAX = 44;
