// The 80-bit arithmetic of INCRBYFLOAT against the reference server, which uses the processor's.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addLongDoubles, parseLongDoubleText } from "../../core/util/long-double.ts";
import type { RespClient } from "../support/resp-client.ts";
import { ServerProcess } from "../support/server-process.ts";

const NOT_A_FLOAT = "-ERR value is not a valid float\r\n";
const NOT_FINITE = "-ERR increment would produce NaN or Infinity\r\n";
const PAIRS = 6000;
const BATCH = 500;

let server: ServerProcess;
let client: RespClient;
beforeAll(async () => {
  server = await ServerProcess.start({ program: "redis" });
  client = await server.connect();
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

/** The reply that INCRBYFLOAT must give. */
function expectedReply(value: string, increment: string): string {
  const a = parseLongDoubleText(value);
  const b = parseLongDoubleText(increment);
  if (a === null || b === null) return NOT_A_FLOAT;
  const sum = addLongDoubles(a, b);
  return sum === null ? NOT_FINITE : `$${sum.length}\r\n${sum}\r\n`;
}

const sign = fc.constantFrom("", "", "-", "+");
const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 22 });
const hexDigits = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), maxLength: 18 });
const decimal = fc
  .tuple(sign, digits, fc.constantFrom("", ".", "."), digits)
  .map((parts) => parts.join(""));
const scientific = fc
  .tuple(decimal, fc.constantFrom("e", "E", "e+", "e-"), fc.oneof(fc.nat(40), fc.nat(5000)))
  .map((parts) => parts.join(""));
const hexadecimal = fc
  .tuple(sign, hexDigits, hexDigits, fc.integer({ min: -80, max: 80 }))
  .map(([s, whole, fraction, exponent]) => `${s}0x${whole}.${fraction}p${exponent}`);
const price = fc
  .tuple(fc.integer({ min: -10_000_000, max: 10_000_000 }), fc.integer({ min: 0, max: 6 }))
  .map(([units, places]) => (units / 10 ** places).toFixed(places));
const odd = fc.constantFrom("inf", "-inf", "infinity", "nan", "", "1 ", " 1", "0x", "1e", "--1");
const text = fc.oneof(
  { weight: 4, arbitrary: price },
  { weight: 4, arbitrary: decimal },
  { weight: 3, arbitrary: scientific },
  { weight: 2, arbitrary: hexadecimal },
  { weight: 1, arbitrary: odd },
);

test("INCRBYFLOAT adds like the processor", async () => {
  const pairs = fc.sample(fc.tuple(text, text), { numRuns: PAIRS, seed: 20 });
  for (let start = 0; start < pairs.length; start += BATCH) {
    const batch = pairs.slice(start, start + BATCH);
    for (const [value, increment] of batch) {
      client.send("SET", "k", value);
      client.send("INCRBYFLOAT", "k", increment);
    }
    for (const [value, increment] of batch) {
      await client.read();
      const reply = await client.read();
      expect([value, increment, reply?.raw]).toEqual([
        value,
        increment,
        expectedReply(value, increment),
      ]);
    }
  }
});
