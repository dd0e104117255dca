// Byte-level fuzzing of RESTORE: values of all types and encodings are dumped, the bytes damaged at
// random and given a right checksum. RESTORE takes them or says no. What it takes must be a value like
// any other: it can be read, changed, copied, dumped and reloaded without another content, and when it
// is freed, no memory of it is left. Nothing may throw, and the arena stays whole.
import { latin1 } from "../core/util/bytes.ts";
import { Crc64 } from "../core/util/crc64.ts";
import { Random } from "../sim/random.ts";
import { CoreNode } from "../test/support/core-node.ts";
import { parseReply } from "../test/support/resp-value.ts";
import { CommandSource, mayBlock, type Words } from "./differential-commands.ts";

const FOOTER_BYTES = 10;
const RDB_VERSION = 12;
/** Values are made by this many commands at a time; of each, several damaged ones are tried. */
const EPISODE_COMMANDS = 150;
const TRIES_PER_VALUE = 8;
const CHANGES = 25;
const SANITIZE = ["no", "yes", "clients"];
/** Bytes that mean something to listpacks, lengths and special encodings. */
const SPECIAL: readonly number[] = [
  0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc1, 0xc2, 0xc3, 0xe0, 0xef, 0xf0, 0xf1, 0xf4, 0xfe,
  0xff,
];
/** Limits so small that values are packed, or not, after a few commands. */
const LIMITS = `
enable-debug-command yes
list-max-listpack-size 8
hash-max-listpack-entries 12
hash-max-listpack-value 30
zset-max-listpack-entries 12
set-max-intset-entries 12
set-max-listpack-entries 12
stream-node-max-entries 5
hll-sparse-max-bytes 300`;

/** Reads of a value `k`; what they answer is not looked at. */
const READS: Readonly<Record<string, readonly string[]>> = {
  string: ["GET k", "GETRANGE k 1 3", "BITCOUNT k", "PFCOUNT k", "STRLEN k", "LCS k k"],
  list: ["LRANGE k 0 -1", "LINDEX k -2", "LPOS k ma COUNT 0", "SORT k ALPHA"],
  set: ["SMEMBERS k", "SRANDMEMBER k 3", "SSCAN k 0", "SUNION k k", "SISMEMBER k ma"],
  zset: [
    "ZRANGE k 0 -1 WITHSCORES",
    "ZRANGE k -inf +inf BYSCORE",
    "ZRANK k ma",
    "ZCOUNT k -1 1",
    "ZREVRANGE k 1 2",
    "ZSCAN k 0",
    "GEOPOS k ma",
  ],
  hash: ["HGETALL k", "HGET k f1", "HSCAN k 0", "HRANDFIELD k 3", "HTTL k FIELDS 2 f1 f2"],
  stream: [
    "XRANGE k - +",
    "XREVRANGE k + -",
    "XINFO STREAM k FULL",
    "XPENDING k g0 - + 9",
    "XINFO CONSUMERS k g1",
  ],
};
/** What the generator of commands calls a key of the type. */
const LETTERS: Readonly<Record<string, string>> = {
  string: "sbp",
  list: "l",
  set: "S",
  zset: "zg",
  hash: "h",
  stream: "x",
};

/** Damages and restores `runs` values; throws with the payload that shows a mistake. */
export function fuzzRestore(seed: string, runs: number): void {
  for (let episode = 0, count = 0; count < runs; episode++) {
    const random = new Random(`restore ${seed} ${episode}`);
    const source = new CommandSource(random, true);
    const bodies = dumpedValues(source);
    const nodes = SANITIZE.map(restoringNode);
    for (const body of bodies) {
      for (let i = 0; i < TRIES_PER_VALUE && count < runs; i++, count++) {
        const bytes = i === 0 ? body : damaged(random, body, bodies);
        const which = random.below(nodes.length);
        try {
          new Attempt(nodes[which], source).run(bytes, i === 0, SANITIZE[which] !== "no");
        } catch (error) {
          const hex = Buffer.from(bytes).toString("hex");
          const told = `episode ${episode}, sanitize-dump-payload ${SANITIZE[which]}: ${hex}`;
          throw new Error(told, { cause: error });
        }
      }
    }
  }
}

function restoringNode(sanitize: string): CoreNode {
  const node = new CoreNode({ configuration: `${LIMITS}\nsanitize-dump-payload ${sanitize}` });
  node.run("FLUSHALL");
  return node;
}

/** Values that random commands have made, as DUMP writes them, without the footer. */
function dumpedValues(source: CommandSource): Uint8Array[] {
  const node = new CoreNode({ configuration: LIMITS });
  for (let i = 0; i < EPISODE_COMMANDS; i++) {
    for (const words of source.next()) node.send(1, ...words);
  }
  node.send(1, "DISCARD");
  node.send(1, "SELECT", "0");
  const bodies: Uint8Array[] = [];
  for (const key of texts(node.send(1, "KEYS", "*"))) {
    const [dump] = texts(node.send(1, "DUMP", key));
    if (dump !== undefined) bodies.push(Buffer.from(dump, "latin1").subarray(0, -FOOTER_BYTES));
  }
  return bodies;
}

/** Changes a few places; the first byte, the type, changes rarely. */
function damaged(random: Random, body: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const bytes = [...body];
  for (let times = random.between(1, 3); times > 0; times--) {
    const at = random.chance(4) ? 0 : random.between(1, Math.max(1, bytes.length - 1));
    switch (random.below(8)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] ^= 1 << random.below(8);
        break;
      case 2:
        bytes[at] = random.pick(SPECIAL);
        break;
      case 3:
        bytes[at] += random.pick([-1, 1]);
        break;
      case 4:
        bytes.splice(at, random.between(1, 6));
        break;
      case 5:
        bytes.splice(at, 0, random.pick(SPECIAL));
        break;
      case 6: {
        // A piece comes twice: elements, entries or nodes with the same name.
        const length = random.between(1, 24);
        bytes.splice(at + length, 0, ...bytes.slice(at, at + length));
        break;
      }
      default: {
        const other = random.pick(others);
        const from = random.below(other.length);
        bytes.splice(at, random.below(9), ...other.subarray(from, from + random.between(1, 24)));
      }
    }
  }
  return Uint8Array.from(bytes);
}

/** What is compared of a value. `scores`: members and scores of a sorted set that is not packed. */
interface Content {
  readonly digest: string;
  readonly scores: readonly string[] | null;
}

/** One RESTORE into an empty node, and what may be done with the value. */
class Attempt {
  readonly #node: CoreNode;
  readonly #source: CommandSource;

  constructor(node: CoreNode, source: CommandSource) {
    this.#node = node;
    this.#source = source;
  }

  run(body: Uint8Array, isSound: boolean, isSanitized: boolean): void {
    const node = this.#node;
    const { arena } = node.node.keyspace;
    const emptyBlocks = arena.verify();
    const reply = node.send(1, "RESTORE", "k", "0", payload(body));
    node.verify();
    if (reply === "+OK\r\n") {
      this.#use(isSound || isSanitized);
    } else {
      check(!isSound, `a sound value is refused: ${reply}`);
      check(reply === "-ERR Bad data format\r\n", `an error of another kind: ${reply}`);
      check(node.run("DBSIZE") === ":0", "something is left of what was refused");
    }
    node.runJobs();
    check(arena.verify() === emptyBlocks, "memory is left behind");
  }

  #use(isWhole: boolean): void {
    const node = this.#node;
    const type = node.run("TYPE k").slice(1);
    this.#copy(isWhole);
    for (const line of READS[type]) check(node.run(line) !== "", `no answer to ${line}`);
    node.verify();
    this.#change(type);
    this.#copy(false);
    node.run("FLUSHALL");
  }

  /** The value is copied, dumped and reloaded. `isWhole`: the same value must come out of it. */
  #copy(isWhole: boolean): void {
    const node = this.#node;
    if (node.run("EXISTS k") === ":0") return;
    // RESTORE has its own time to live.
    node.run("PERSIST k");
    const before = this.#content("k");
    const [dump] = texts(node.send(1, "DUMP", "k"));
    check(node.run("COPY k c REPLACE") === ":1", "no copy");
    check(this.#content("c").digest === before.digest, "the copy is another value");
    const restored = node.send(1, "RESTORE", "c", "0", dump, "REPLACE");
    if (restored === "+OK\r\n") check(this.#isLoaded("c", before), "dumped, it is another value");
    else check(!isWhole, `what was dumped is refused: ${restored}`);
    const reloaded = node.run("DEBUG RELOAD");
    if (reloaded === "+OK") check(this.#isLoaded("k", before), "reloaded, it is another value");
    else check(!isWhole, `what was saved is refused: ${reloaded}`);
    node.verify();
  }

  #content(key: string): Content {
    const node = this.#node;
    const isIndexed = node.run(`OBJECT ENCODING ${key}`).endsWith("skiplist");
    return {
      digest: node.run(`DEBUG DIGEST-VALUE ${key}`),
      scores: isIndexed ? texts(node.send(1, "ZRANGE", key, "0", "-1", "WITHSCORES")) : null,
    };
  }

  /**
   * Whether `key` has what was saved. Loading packs a sorted set that has become small, and a listpack
   * keeps whole scores as integers: zeros lose their sign then, in Redis as here, and nothing else changes.
   */
  #isLoaded(key: string, saved: Content): boolean {
    const { digest, scores } = this.#content(key);
    if (saved.scores === null || scores !== null) return digest === saved.digest;
    const expected = saved.scores.map((text, i) => (i % 2 === 1 && text === "-0" ? "0" : text));
    const packed = texts(this.#node.send(1, "ZRANGE", key, "0", "-1", "WITHSCORES"));
    return JSON.stringify(packed) === JSON.stringify(expected);
  }

  /** Changes the value with commands of its type. */
  #change(type: string): void {
    const isOfType = new RegExp(`^[${LETTERS[type]}]\\d$`);
    for (let changes = 0; changes < CHANGES; ) {
      for (const words of this.#source.next()) {
        if (!words.some((word) => isOfType.test(word)) || mayBlock(words)) continue;
        this.#node.send(1, ...renamed(words, isOfType));
        changes++;
      }
    }
    this.#node.verify();
  }
}

/** The command with `k` for every key of the type. */
function renamed(words: Words, isOfType: RegExp): string[] {
  return words.map((word) => (isOfType.test(word) ? "k" : word));
}

/** With version and checksum. */
function payload(body: Uint8Array): string {
  const bytes = new Uint8Array(body.length + FOOTER_BYTES);
  bytes.set(body);
  bytes[body.length] = RDB_VERSION;
  const crc = new Crc64();
  crc.update(bytes, 0, body.length + 2);
  crc.write(bytes, body.length + 2);
  return latin1(bytes);
}

/** The texts in a reply: of an array, or its only one. */
function texts(reply: string): string[] {
  const { value } = parseReply(Buffer.from(reply, "latin1"));
  if (value === null) return [];
  const items = "items" in value ? value.items : [value];
  return items.flatMap((item) => (item.kind === "bulk" ? [item.text] : []));
}

function check(holds: boolean, mistake: string): void {
  if (!holds) throw new Error(mistake);
}
