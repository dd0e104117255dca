// The two versions this program has: its own, and that of the Redis it behaves like.

/** What INFO, HELLO and the log say, because clients and tools decide by it what they can use. */
export const REDIS_VERSION = "7.4.1";
/** The same as in package.json. */
export const SEEDIS_VERSION = "0.1.0";
