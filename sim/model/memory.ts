// What may happen when memory is short. Which keys go, only the node knows; but it may take those
// alone that the policy gives away, must name each of them, and may refuse a command only when
// nothing is left to take.
import type { Model } from "./model.ts";
import type { Session } from "./session.ts";

const REFUSAL = "OOM command not allowed when used memory > 'maxmemory'.";

/** Commands that need no memory: they are never refused. */
const NEVER_REFUSED: ReadonlySet<string> = new Set(
  `get getdel getex mget strlen getrange substr del unlink exists touch type expire pexpire expireat
  pexpireat ttl pttl expiretime pexpiretime persist rename renamenx move randomkey keys dbsize scan
  flushdb flushall swapdb lpop rpop llen lrange ltrim lindex lrem lmpop blmpop blpop brpop lpos srem
  scard sismember smismember smembers srandmember spop sinter sunion sdiff sintercard smove hget
  hmget hdel hlen hexists hstrlen hgetall hkeys hvals hrandfield
  httl hpttl hexpiretime hpexpiretime hpersist zrem zcard zscore zmscore zrank zrevrank
  zrange zrevrange zrangebyscore zrangebylex zcount zlexcount zpopmin zpopmax zmpop bzmpop bzpopmin
  bzpopmax zremrangebyrank zremrangebyscore zremrangebylex zunion zinter zdiff zintercard
  zrandmember xlen xrange xrevrange xread xreadgroup xdel xtrim xack xpending xclaim xautoclaim
  xinfo|stream xinfo|groups xinfo|consumers xgroup|destroy xgroup|delconsumer getbit bitcount bitpos
  bitfield_ro geopos geodist geohash geosearch pfcount lcs sort_ro dump ping echo select hello multi
  discard watch unwatch subscribe unsubscribe psubscribe punsubscribe publish`.split(/\s+/),
);

export class ModelMemory {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  #mayGo(db: number, key: string): boolean {
    const { policy } = this.#model.settings;
    const found = this.#model.databases[db].get(key);
    if (found === undefined || policy === "noeviction") return false;
    return policy.startsWith("allkeys") || found.expireAtMs >= 0;
  }

  /** The node has taken a key. */
  evicted(db: number, key: string): void {
    const model = this.#model;
    if (!this.#mayGo(db, key)) {
      model.fail(`evicted under ${model.settings.policy}: ${db} ${key}`);
      return;
    }
    const isOver = model.isOver(model.databases[db].get(key)!);
    model.removeKey(db, key);
    if (isOver) model.transactions.touchExpired(db, key);
    else model.transactions.touch(db, key);
    model.tracking.changed(key, false);
    model.notify(db, "e", "evicted", key);
  }

  refusal(name: string): string {
    const cause = "-EXECABORT Transaction discarded because of: ";
    return name === "exec" ? `${cause}${REFUSAL}\r\n` : `-${REFUSAL}\r\n`;
  }

  /** Whether the node has refused the command, which must have a reason. */
  refuses(session: Session, words: readonly string[], name: string): boolean {
    const model = this.#model;
    const answer = model.answerTo(session);
    if (answer?.kind !== "error" || `-${answer.text}\r\n` !== this.refusal(name)) return false;
    if (NEVER_REFUSED.has(name)) model.fail(`refused for lack of memory: ${words[0]}`);
    const left = model.databases.findIndex((keys, db) =>
      [...keys.keys()].some((key) => this.#mayGo(db, key)),
    );
    if (left !== -1) model.fail(`refused with keys left to evict in database ${left}: ${words[0]}`);
    return true;
  }
}
