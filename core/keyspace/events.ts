// Classes of keyspace notifications: the bits of `notify-keyspace-events`, with Redis's letters.

export const NOTIFY_KEYSPACE = 0x1; // K
export const NOTIFY_KEYEVENT = 0x2; // E
export const NOTIFY_GENERIC = 0x4; // g
export const NOTIFY_STRING = 0x8; // $
export const NOTIFY_LIST = 0x10; // l
export const NOTIFY_SET = 0x20; // s
export const NOTIFY_HASH = 0x40; // h
export const NOTIFY_ZSET = 0x80; // z
export const NOTIFY_EXPIRED = 0x100; // x
export const NOTIFY_EVICTED = 0x200; // e
export const NOTIFY_STREAM = 0x400; // t
export const NOTIFY_KEY_MISS = 0x800; // m
export const NOTIFY_LOADED = 0x1000; // (internal in Redis)
export const NOTIFY_MODULE = 0x2000; // d
export const NOTIFY_NEW = 0x4000; // n
