// Which keys a command reads that changes nothing: the model's own list, by hand.

const FIRST = new Set(
  (
    "get strlen getrange substr getbit bitcount bitpos bitfield_ro type ttl pttl expiretime " +
    "pexpiretime dump llen lindex lrange lpos hget hmget hgetall hkeys hvals hlen hexists hstrlen " +
    "hrandfield hscan httl hpttl hexpiretime hpexpiretime smembers sismember smismember scard " +
    "srandmember sscan zscore zmscore zcard zcount zlexcount zrange zrangebyscore zrangebylex " +
    "zrevrange zrevrangebyscore zrevrangebylex zrank zrevrank zrandmember zscan xrange xrevrange " +
    "xlen xpending geopos geodist geohash geosearch georadius_ro georadiusbymember_ro sort_ro"
  ).split(" "),
);
const ALL = new Set("mget exists touch sinter sunion sdiff pfcount".split(" "));
/** The number of keys is in front of them. */
const COUNTED = new Set("sintercard zunion zinter zdiff zintercard".split(" "));
/** Containers whose reading subcommands have a key behind them. */
const SECOND = new Set("object xinfo memory".split(" "));

export function keysRead(words: readonly string[]): readonly string[] {
  const name = words[0].toLowerCase();
  if (FIRST.has(name)) return [words[1]];
  if (ALL.has(name)) return words.slice(1);
  if (COUNTED.has(name)) {
    const count = Number(words[1]);
    // A count that is none leaves no key to remember.
    if (!Number.isInteger(count) || count < 1 || count > words.length - 2) return [];
    return words.slice(2, 2 + count);
  }
  if (SECOND.has(name)) return words.length > 2 ? [words[2]] : [];
  if (name === "lcs") return words.slice(1, 3);
  if (name !== "xread") return [];
  const streams = words.findIndex((word, i) => i > 0 && word.toLowerCase() === "streams");
  const rest = streams === -1 ? [] : words.slice(streams + 1);
  return rest.length % 2 === 0 ? rest.slice(0, rest.length / 2) : [];
}
