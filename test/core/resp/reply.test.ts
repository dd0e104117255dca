import { describe, expect, it } from "vitest";
import { Reply } from "../../../core/resp/reply.ts";
import { latin1, toBytes } from "../../../core/util/bytes.ts";

/** What a piece of writing puts on the wire in both protocols, from a buffer that must grow. */
function written(write: (reply: Reply) => void): [resp2: string, resp3: string] {
  return [2, 3].map((resp) => {
    const reply = new Reply(1);
    reply.resp = resp;
    write(reply);
    return latin1(reply.bytes, 0, reply.size);
  }) as [string, string];
}

describe("reply", () => {
  const cases: [string, (reply: Reply) => void, string, string][] = [
    ["ok", (r) => r.ok(), "+OK\r\n", "+OK\r\n"],
    ["integer", (r) => r.integer(-42), ":-42\r\n", ":-42\r\n"],
    [
      "large integer",
      (r) => r.integer(9007199254740991),
      ":9007199254740991\r\n",
      ":9007199254740991\r\n",
    ],
    [
      "64-bit integer",
      (r) => r.bigint(2n ** 63n - 1n),
      ":9223372036854775807\r\n",
      ":9223372036854775807\r\n",
    ],
    ["bulk", (r) => r.bulk(toBytes("xa\r\nb"), 1, 4), "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"],
    ["empty bulk", (r) => r.bulkText(""), "$0\r\n\r\n", "$0\r\n\r\n"],
    ["nil", (r) => r.nil(), "$-1\r\n", "_\r\n"],
    ["nil array", (r) => r.nilArray(), "*-1\r\n", "_\r\n"],
    ["map", (r) => r.map(2), "*4\r\n", "%2\r\n"],
    ["set", (r) => r.set(2), "*2\r\n", "~2\r\n"],
    ["push", (r) => r.push(3), "*3\r\n", ">3\r\n"],
    ["boolean", (r) => r.boolean(true), ":1\r\n", "#t\r\n"],
    ["short double", (r) => r.double(3), "$1\r\n3\r\n", ",3\r\n"],
    [
      "long double",
      (r) => r.double(1.1234567890123457),
      "$18\r\n1.1234567890123457\r\n",
      ",1.1234567890123457\r\n",
    ],
    ["infinite double", (r) => r.double(-Infinity), "$4\r\n-inf\r\n", ",-inf\r\n"],
    ["verbatim", (r) => r.verbatim("txt", "ab"), "$2\r\nab\r\n", "=6\r\ntxt:ab\r\n"],
    ["big number", (r) => r.bigNumber("123"), "$3\r\n123\r\n", "(123\r\n"],
    ["error", (r) => r.error("ERR a\r\nb"), "-ERR a  b\r\n", "-ERR a  b\r\n"],
  ];
  for (const [name, write, resp2, resp3] of cases) {
    it(`writes ${name}`, () => expect(written(write)).toEqual([resp2, resp3]));
  }

  it("puts a header in front of what was written", () => {
    const [resp2, resp3] = written((reply) => {
      reply.array(2);
      const mark = reply.mark();
      for (let i = 0; i < 12; i++) reply.integer(i);
      reply.insertMap(mark, 6);
      reply.ok();
    });
    const numbers = Array.from({ length: 12 }, (_, i) => `:${i}\r\n`).join("");
    expect(resp2).toBe(`*2\r\n*12\r\n${numbers}+OK\r\n`);
    expect(resp3).toBe(`*2\r\n%6\r\n${numbers}+OK\r\n`);
  });

  it("counts errors and remembers the last", () => {
    const reply = new Reply();
    reply.error("ERR one");
    reply.error("WRONGTYPE two");
    expect([reply.errorCount, reply.lastError]).toEqual([2, "WRONGTYPE two"]);
  });
});
