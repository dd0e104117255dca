// The bits that describe a command and its keys, with Redis's names in the order in which the
// replies of COMMAND list them. Values are Redis's own, so a dump of either reads the same;
// they are literals so that the bundler inlines them.

/** May change the data set. */
export const WRITE = 0x1;
/** Reads the data set and never changes it. */
export const READONLY = 0x2;
/** Refused when memory is above maxmemory and nothing can be evicted. */
export const DENYOOM = 0x4;
export const ADMIN = 0x10;
export const PUBSUB = 0x20;
/** Not to be called from scripts. */
export const NOSCRIPT = 0x40;
/** May make its client wait. */
export const BLOCKING = 0x100;
/** Allowed while the data set is loaded. */
export const LOADING = 0x200;
/** Allowed on a replica whose link is down when it does not serve stale data. */
export const STALE = 0x400;
export const SKIP_MONITOR = 0x800;
export const SKIP_SLOWLOG = 0x1000;
/** Carries ASKING in itself. */
export const ASKING = 0x2000;
export const FAST = 0x4000;
/** Allowed before authentication, and to every user. */
export const NO_AUTH = 0x8000;
/** May be propagated though it is no WRITE: scripts, PUBLISH, PFCOUNT. */
export const MAY_REPLICATE = 0x10000;
/** Exists on a Sentinel too. */
export const SENTINEL = 0x20000;
/** Exists only on a Sentinel. */
export const ONLY_SENTINEL = 0x40000;
/** Its key specs may find no key and the call still be right. */
export const NO_MANDATORY_KEYS = 0x80000;
/** Guarded by enable-debug-command or enable-module-command. */
export const PROTECTED = 0x100000;
/** Refused while a replica loads its primary's data set and serves the old one. */
export const NO_ASYNC_LOADING = 0x800000;
export const NO_MULTI = 0x1000000;
/** First key, last key and step do not tell all of its keys. */
export const MOVABLE_KEYS = 0x2000000;
/** Allowed while a script runs too long. */
export const ALLOW_BUSY = 0x4000000;
/** Looks at keys that are not among its arguments. */
export const TOUCHES_ARBITRARY_KEYS = 0x10000000;

/** A bit and its name. */
export type Named = readonly [bit: number, name: string];

/** Command flags that clients see, in the order of the reply. */
export const FLAG_NAMES: readonly Named[] = [
  [WRITE, "write"],
  [READONLY, "readonly"],
  [DENYOOM, "denyoom"],
  [ADMIN, "admin"],
  [PUBSUB, "pubsub"],
  [NOSCRIPT, "noscript"],
  [BLOCKING, "blocking"],
  [LOADING, "loading"],
  [STALE, "stale"],
  [SKIP_MONITOR, "skip_monitor"],
  [SKIP_SLOWLOG, "skip_slowlog"],
  [ASKING, "asking"],
  [FAST, "fast"],
  [NO_AUTH, "no_auth"],
  [NO_MANDATORY_KEYS, "no_mandatory_keys"],
  [NO_ASYNC_LOADING, "no_async_loading"],
  [NO_MULTI, "no_multi"],
  [MOVABLE_KEYS, "movablekeys"],
  [ALLOW_BUSY, "allow_busy"],
];

/** Command flags that only the server sees. */
export const HIDDEN_FLAG_NAMES: readonly Named[] = [
  [MAY_REPLICATE, "may_replicate"],
  [SENTINEL, "sentinel"],
  [ONLY_SENTINEL, "only_sentinel"],
  [PROTECTED, "protected"],
  [TOUCHES_ARBITRARY_KEYS, "touches_arbitrary_keys"],
];

/** ACL categories, in the order of every reply that lists them. */
export const CATEGORY_NAMES: readonly Named[] = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
].map((name, index): Named => [1 << index, name]);

/** The categories keyspace, set, sortedset, list, hash and string: commands that work on such data. */
export const QUICK_CATEGORIES = 0xf9;

/** The key's value or its metadata is read, nothing is changed. */
export const KEY_RO = 0x1;
/** The value is changed in a way that depends on what it was. */
export const KEY_RW = 0x2;
/** The value is replaced whatever it was. */
export const KEY_OW = 0x4;
/** The key is removed. */
export const KEY_RM = 0x8;
/** Data of the value is returned, copied or used. */
export const KEY_ACCESS = 0x10;
/** Data is changed or replaced. */
export const KEY_UPDATE = 0x20;
/** Data is added, none is changed. */
export const KEY_INSERT = 0x40;
/** Data is deleted. */
export const KEY_DELETE = 0x80;
/** No key, but routed to a slot like one: a shard channel. */
export const KEY_NOT_KEY = 0x100;
/** The spec does not find all keys. */
export const KEY_INCOMPLETE = 0x200;
/** The other flags depend on the arguments. */
export const KEY_VARIABLE_FLAGS = 0x400;

/** Flags of a key, in the order of the reply. */
export const KEY_FLAG_NAMES: readonly Named[] = [
  [KEY_RO, "RO"],
  [KEY_RW, "RW"],
  [KEY_OW, "OW"],
  [KEY_RM, "RM"],
  [KEY_ACCESS, "access"],
  [KEY_UPDATE, "update"],
  [KEY_INSERT, "insert"],
  [KEY_DELETE, "delete"],
  [KEY_NOT_KEY, "not_key"],
  [KEY_INCOMPLETE, "incomplete"],
  [KEY_VARIABLE_FLAGS, "variable_flags"],
];

/** The bit called `name` in `names`, 0 when there is none. `name` must be in the list's case. */
export function bitNamed(names: readonly Named[], name: string): number {
  for (const [bit, known] of names) if (known === name) return bit;
  return 0;
}
