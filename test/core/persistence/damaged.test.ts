// Payloads of all types with some bytes changed, cut or added, and a right checksum: RESTORE takes
// them or says no, and a value that it takes can be used, changed, saved and freed without harm.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { latin1, toBytes } from "../../../core/util/bytes.ts";
import { Crc64 } from "../../../core/util/crc64.ts";
import { fromHex, toHex } from "../../../core/util/hex.ts";
import { Prng } from "../../../core/util/prng.ts";
import { CoreNode } from "../../support/core-node.ts";

const ROUNDS = 25;
const FOOTER_BYTES = 10;
const VERSION = 12;

const dumped = JSON.parse(
  readFileSync(new URL("../../fixtures/dump-payloads.json", import.meta.url), "utf8"),
) as { name: string; version: string; dump: string }[];

/** Commands on a key `k` that look at every part of a value and change it in every way. */
const USES: Readonly<Record<string, readonly string[]>> = {
  string: ["GET k", "APPEND k x"],
  list: [
    "LRANGE k 0 -1",
    "LINDEX k 1",
    "LPOS k a",
    "LPUSH k x",
    "RPOP k",
    "LSET k 0 y",
    "LINSERT k BEFORE y z",
    "LREM k 0 a",
    "LTRIM k 1 5",
  ],
  set: [
    "SMEMBERS k",
    "SISMEMBER k a",
    "SRANDMEMBER k 3",
    "SADD k new",
    "SADD k 99999999999",
    "SPOP k",
    "SSCAN k 0",
  ],
  zset: [
    "ZRANGE k 0 -1 WITHSCORES",
    "ZRANK k a",
    "ZADD k 1 new",
    "ZINCRBY k 5 b",
    "ZRANGEBYSCORE k -inf +inf",
    "ZPOPMIN k",
    "ZPOPMAX k",
  ],
  hash: [
    "HGETALL k",
    "HGET k f",
    "HSET k new v",
    "HEXPIRE k 100 FIELDS 1 new",
    "HRANDFIELD k 3 WITHVALUES",
    "HDEL k f",
    "HSCAN k 0",
  ],
  stream: [
    "XRANGE k - +",
    "XREVRANGE k + -",
    "XADD k * a b",
    "XINFO STREAM k FULL",
    "XDEL k 1-1",
    "XTRIM k MAXLEN 1",
  ],
};

/** A few bytes changed, dropped from the end, or put in; the first says what kind it is and stays. */
function damaged(body: Uint8Array, prng: Prng): Uint8Array {
  let bytes = body.slice();
  for (let times = 1 + prng.below(3); times > 0; times--) {
    const at = 1 + prng.below(bytes.length - 1);
    const how = prng.below(4);
    if (how === 0) bytes[at] = prng.below(256);
    else if (how === 1) bytes[at] ^= 1 << prng.below(8);
    else if (how === 2) bytes = bytes.slice(0, Math.max(2, at));
    else bytes = Uint8Array.of(...bytes.subarray(0, at), prng.below(256), ...bytes.subarray(at));
  }
  return bytes;
}

function payload(body: Uint8Array): string {
  const bytes = new Uint8Array(body.length + FOOTER_BYTES);
  bytes.set(body);
  bytes[body.length] = VERSION;
  const crc = new Crc64();
  crc.update(bytes, 0, body.length + 2);
  crc.write(bytes, body.length + 2);
  return latin1(bytes);
}

function use(body: Uint8Array, sanitize: string): void {
  const node = new CoreNode({
    configuration: `enable-debug-command yes\nsanitize-dump-payload ${sanitize}`,
  });
  const reply = node.send(1, "RESTORE", "k", "0", payload(body));
  node.verify();
  if (!reply.startsWith("+OK")) {
    expect(reply).toBe("-ERR Bad data format\r\n");
    expect(node.run("DBSIZE")).toBe(":0");
    return;
  }
  const uses = USES[node.run("TYPE k").slice(1)]!;
  for (const line of ["DUMP k", "DEBUG DIGEST-VALUE k", "COPY k c", ...uses, "DUMP k", "DEL k c"]) {
    expect(node.run(line)).not.toBe("");
    node.verify();
  }
}

describe.each(dumped)("$name of $version", ({ name, dump }) => {
  const body = fromHex(dump)!.slice(0, -FOOTER_BYTES);

  test.each(["no", "yes"])("with sanitize-dump-payload %s", (sanitize) => {
    const prng = new Prng(toBytes(`${name} ${sanitize} of a seed that is long enough`));
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = damaged(body, prng);
      try {
        use(bytes, sanitize);
      } catch (error) {
        throw new Error(`payload ${toHex(bytes)}`, { cause: error });
      }
    }
  });
});
