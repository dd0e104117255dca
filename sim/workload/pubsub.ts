// Random commands of publish/subscribe. Only some clients listen: with RESP2 one that does can do
// hardly anything else.
import type { Random } from "../random.ts";
import { anyKey, type Maker, value } from "./words.ts";

const channel = (r: Random): string => `channel:${r.below(4)}`;
const pattern = (r: Random): string => r.pick(["*", "channel:*", "channel:?", "c*1", "x*"]);
const keyChannel = (r: Random, n: number): string =>
  r.chance(50)
    ? `__keyspace@${r.below(2)}__:${anyKey(r, n)}`
    : `__keyevent@0__:${r.pick(["del", "set", "expired", "lpush", "xadd", "zadd", "hset", "new"])}`;

export const listening: readonly Maker[] = [
  (r) => ["SUBSCRIBE", channel(r)],
  () => ["SUBSCRIBE", "__redis__:invalidate"],
  (r) => ["SUBSCRIBE", channel(r), channel(r)],
  (r, n) => ["SUBSCRIBE", keyChannel(r, n), keyChannel(r, n)],
  (r) => ["PSUBSCRIBE", pattern(r)],
  (r) => ["PSUBSCRIBE", r.pick(["__key*__:*", "__keyspace@0__:*", "__keyevent@*"])],
  (r) => ["SSUBSCRIBE", channel(r)],
  (r) => ["UNSUBSCRIBE", channel(r)],
  () => ["UNSUBSCRIBE"],
  (r) => ["PUNSUBSCRIBE", pattern(r)],
  () => ["PUNSUBSCRIBE"],
  (r) => ["SUNSUBSCRIBE", channel(r)],
  () => ["SUNSUBSCRIBE"],
  () => ["PING"],
  (r) => ["PING", value(r)],
  () => ["RESET"],
  () => ["HELLO", "3"],
  (r) => ["HELLO", r.pick(["2", "3"])],
];

export const publishing: readonly Maker[] = [
  (r) => ["PUBLISH", channel(r), value(r)],
  (r) => ["PUBLISH", channel(r), value(r)],
  (r) => ["SPUBLISH", channel(r), value(r)],
  (r) => ["PUBSUB", "CHANNELS", ...(r.chance(50) ? [] : [pattern(r)])],
  (r) => ["PUBSUB", "NUMSUB", channel(r), channel(r)],
  () => ["PUBSUB", "NUMPAT"],
  () => ["PUBSUB", "SHARDCHANNELS"],
  (r) => ["PUBSUB", "SHARDNUMSUB", channel(r)],
  (r) => [
    "CONFIG",
    "SET",
    "notify-keyspace-events",
    r.pick(["", "KEA", "AKE", "KEAn", "Kg$x", "Elshztd", "KEgxe"]),
  ],
];
