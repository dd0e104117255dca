// Requests as clients send them, for the warm-up: the commands that are used most, on values of all types
// that come and go, grow large and get small again, alone and in pipelines, whole and in pieces. What
// they have in common, from reading a request to writing its reply, so sees from the start what it will
// have to deal with: code that was made for one kind of request alone is thrown away with the first of
// another, and until there is new code everybody waits.
import { Prng } from "../core/util/prng.ts";

/**
 * In these a word with a percent sign stands for something random: %k one of a few keys, %n one of many
 * numbers, %v a value, %f a score.
 */
const STEADY: readonly string[] = [
  "PING",
  "GET string:%n",
  "SET string:%n %v",
  "INCR counter:%n",
  "SET string:%n %v EX 100",
  "MSET string:%n %v string:%n %v string:%n %v string:%n %v string:%n %v string:%n %v",
  "MGET string:%n string:%n string:%n string:%n",
  "SETEX string:%n 100 %v",
  "EXISTS string:%n",
  "EXPIRE string:%n 100",
  "TTL string:%n",
  "INCRBY large:%k 97531",
  "DECRBY larger:%k 97531864",
  "PSETEX short:%n 1 %v",
  "OBJECT ENCODING string:%n",
  "HGET hash:%k field:%n",
  "HMGET hash:%k field:%n field:%n",
  "HGETALL hash:%k",
  "HINCRBY hash:%k count:%k 1",
  "LRANGE list:%k 0 9",
  "LRANGE long 0 99",
  "LLEN list:%k",
  "SISMEMBER set:%k member:%n",
  "SMEMBERS set:%k",
  "ZSCORE scores:%k member:%n",
  "ZRANGE scores:%k 0 9",
  "ZRANGEBYSCORE scores:%k 10 300 LIMIT 0 5",
  "ZINCRBY scores:%k 1 member:%n",
  "XADD stream MAXLEN ~ 1000 * field %v",
  "PUBLISH channel %v",
  "NO-SUCH-COMMAND",
];
const GROWING: readonly string[] = [
  "LPUSH list:%k %v",
  "RPUSH list:%k %v",
  "LPUSH long %v",
  "RPUSH long %v",
  "SADD set:%k member:%n",
  "SADD numbers:%k %n",
  "HSET hash:%k field:%n %v",
  "HSET fields field:%n %v field:%n %v",
  "ZADD scores:%k %f member:%n",
  "ZADD ranking %f member:%n",
];
const SHRINKING: readonly string[] = [
  "LPOP list:%k",
  "RPOP list:%k",
  "LPOP long",
  "RPOP long",
  "SPOP set:%k",
  "SREM numbers:%k %n",
  "HDEL hash:%k field:%n",
  "ZPOPMIN ranking",
  "ZREM scores:%k member:%n",
  "DEL string:%n",
];
const INLINE_PINGS = "PING\r\n".repeat(16);

const SEED_BYTES = 16;
const KEYS = 8;
const NUMBERS = 300;
const SHORT_VALUE_MAX = 24;
const LONG_VALUE_MAX = 400;
/** One value in so many is a long one. */
const LONG_VALUE_EVERY = 16;
/** Rounds in which more is added than taken, and as many the other way round. */
const PHASE_ROUNDS = 13;
const PIPELINE = 16;
const MOST = 28;
const FEW = 6;
/** More than is read at once. */
const LONG_PIPELINE = 160;
const LONG_EVERY = 7;
/** One round in so many has a request alone in each read, */
const SINGLE_EVERY = 4;
/** and one its requests in two reads. */
const CUT_EVERY = 5;

/** What is read at once, and in which cycle of growing and shrinking (0, 1 …). */
export interface CommandRead {
  readonly cycle: number;
  readonly bytes: Uint8Array;
}

/** The reads of so many cycles, one after the other. */
export function* commandReads(cycles: number): Generator<CommandRead, void> {
  const prng = new Prng(new Uint8Array(SEED_BYTES));
  for (let round = 0; round < cycles * 2 * PHASE_ROUNDS; round++) {
    const phase = Math.floor(round / PHASE_ROUNDS);
    const cycle = phase >> 1;
    const grows = phase % 2 === 0;
    const steadyCount =
      round % LONG_EVERY === 0 ? LONG_PIPELINE : round % SINGLE_EVERY === 0 ? 1 : PIPELINE;
    const isCut = round % CUT_EVERY === 0;
    yield { cycle, bytes: Buffer.from(INLINE_PINGS) };
    for (const [templates, count] of [
      [STEADY, steadyCount],
      [GROWING, grows ? MOST : FEW],
      [SHRINKING, grows ? FEW : MOST],
    ] as const) {
      for (const template of templates) {
        const bytes = pipeline(template, count, prng);
        const cut = isCut ? prng.below(bytes.length) : 0;
        if (cut > 0) yield { cycle, bytes: bytes.subarray(0, cut) };
        yield { cycle, bytes: bytes.subarray(cut) };
      }
    }
  }
}

function pipeline(template: string, count: number, prng: Prng): Uint8Array {
  const words = template.split(" ");
  let text = "";
  for (let i = 0; i < count; i++) text += requestText(words.map((word) => filledIn(word, prng)));
  return Buffer.from(text, "latin1");
}

function filledIn(word: string, prng: Prng): string {
  const at = word.indexOf("%");
  return at < 0 ? word : word.slice(0, at) + random(word[at + 1], prng);
}

function random(kind: string, prng: Prng): string {
  if (kind === "k") return String(prng.below(KEYS));
  if (kind === "n") return String(prng.below(NUMBERS)).padStart(prng.below(2) * 12, "0");
  if (kind === "f") return String(prng.below(NUMBERS) / (1 + prng.below(2)));
  const isLong = prng.below(LONG_VALUE_EVERY) === 0;
  return "x".repeat(1 + prng.below(isLong ? LONG_VALUE_MAX : SHORT_VALUE_MAX));
}

/** A request with these arguments, whose characters are bytes. */
export function request(args: readonly string[]): Uint8Array {
  return Buffer.from(requestText(args), "latin1");
}

function requestText(args: readonly string[]): string {
  const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${bulks.join("")}`;
}
