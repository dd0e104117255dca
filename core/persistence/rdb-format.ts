// Numbers of the RDB format. They are on disk and in DUMP payloads, and the same in every Redis.

/** The version that is written, of Redis 7.4; anything up to it is read. */
export const RDB_VERSION = 12;

// Kinds of values. Those that are not written any more are still read.
export const RDB_STRING = 0;
export const RDB_LIST = 1;
export const RDB_SET = 2;
export const RDB_ZSET = 3;
export const RDB_HASH = 4;
/** Scores as binary doubles. */
export const RDB_ZSET_2 = 5;
export const RDB_MODULE_PRE_GA = 6;
export const RDB_MODULE_2 = 7;
export const RDB_HASH_ZIPMAP = 9;
export const RDB_LIST_ZIPLIST = 10;
export const RDB_SET_INTSET = 11;
export const RDB_ZSET_ZIPLIST = 12;
export const RDB_HASH_ZIPLIST = 13;
export const RDB_LIST_QUICKLIST = 14;
export const RDB_STREAM_LISTPACKS = 15;
export const RDB_HASH_LISTPACK = 16;
export const RDB_ZSET_LISTPACK = 17;
export const RDB_LIST_QUICKLIST_2 = 18;
export const RDB_STREAM_LISTPACKS_2 = 19;
export const RDB_SET_LISTPACK = 20;
export const RDB_STREAM_LISTPACKS_3 = 21;
/** Field expiry as release candidates of 7.4 wrote it, without the smallest one in front. */
export const RDB_HASH_METADATA_PRE_GA = 22;
export const RDB_HASH_LISTPACK_EX_PRE_GA = 23;
export const RDB_HASH_METADATA = 24;
export const RDB_HASH_LISTPACK_EX = 25;
export const RDB_TYPE_MAX = 25;

/** True for a byte that says what kind of value follows. */
export function isRdbType(byte: number): boolean {
  return byte <= RDB_TYPE_MAX && byte !== 8;
}

// What else can come where a kind of value is expected in a file.
export const OPCODE_SLOT_INFO = 244;
export const OPCODE_FUNCTION2 = 245;
export const OPCODE_FUNCTION_PRE_GA = 246;
export const OPCODE_MODULE_AUX = 247;
export const OPCODE_IDLE = 248;
export const OPCODE_FREQ = 249;
export const OPCODE_AUX = 250;
export const OPCODE_RESIZEDB = 251;
export const OPCODE_EXPIRETIME_MS = 252;
export const OPCODE_EXPIRETIME = 253;
export const OPCODE_SELECTDB = 254;
export const OPCODE_EOF = 255;

// Lengths: the upper two bits of the first byte.
//   00 six bits | 01 fourteen bits, big-endian | 10 see below | 11 no length: a specially encoded string
export const LENGTH_14_BITS = 0x40;
/** 32 bits follow, big-endian. */
export const LENGTH_32_BITS = 0x80;
/** 64 bits follow, big-endian. */
export const LENGTH_64_BITS = 0x81;
export const ENCODED = 0xc0;

// Specially encoded strings: the lower six bits.
export const ENCODED_INT8 = 0;
export const ENCODED_INT16 = 1;
export const ENCODED_INT32 = 2;
export const ENCODED_LZF = 3;
