import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMessage } from "../../sim/awaited.ts";
import { readReply } from "../../sim/model/reply-reader.ts";
import { ReplyScanner } from "../../sim/reply-scanner.ts";

const text = fc.string({ unit: fc.constantFrom("a", "7", "\r", "\n", "$", "\0", "\xff") });
const line = fc.stringMatching(/^[a-z0-9 ]{0,8}$/);

const { reply } = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    line.map((words) => `+${words}\r\n`),
    line.map((words) => `-ERR ${words}\r\n`),
    fc.integer().map((value) => `:${value}\r\n`),
    fc.constantFrom("$-1\r\n", "*-1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(123\r\n"),
    text.map((words) => `$${words.length}\r\n${words}\r\n`),
    fc
      .tuple(fc.constantFrom("*", "~", ">"), fc.array(tie("reply"), { maxLength: 4 }))
      .map(([kind, items]) => `${kind}${items.length}\r\n${items.join("")}`),
    fc
      .array(fc.tuple(tie("reply"), tie("reply")), { maxLength: 3 })
      .map((pairs) => `%${pairs.length}\r\n${pairs.flat().join("")}`),
  ),
}));

describe("reply scanner", () => {
  it("finds the same replies as the reader, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.array(reply, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (replies, cuts) => {
          const scanner = new ReplyScanner();
          const bytes = Buffer.from(replies.join(""), "latin1");
          const found: string[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const end = Math.min(bytes.length, at + cuts[i % cuts.length]);
            scanner.add(bytes, at, end);
            at = end;
            while (scanner.next()) {
              found.push(scanner.text());
              const value = readReply(scanner.text(), 0)!.value;
              expect(String.fromCharCode(scanner.kind)).toBe(scanner.text()[0]);
              if (/^[*~>%]/.test(scanner.text())) expect(scanner.items).toBe(value.items.length);
            }
          }
          expect(found).toEqual(replies);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("tells messages from replies", () => {
    const cases: [string, boolean][] = [
      ["*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n", true],
      [">4\r\n$8\r\npmessage\r\n$1\r\np\r\n$1\r\nc\r\n$1\r\nm\r\n", true],
      ["*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", false],
      ["*2\r\n$7\r\nmessage\r\n$1\r\nc\r\n", false],
      ["*3\r\n:1\r\n:2\r\n:3\r\n", false],
      ["$7\r\nmessage\r\n", false],
    ];
    for (const [reply, expected] of cases) {
      const scanner = new ReplyScanner();
      scanner.add(Buffer.from(reply, "latin1"), 0, reply.length);
      expect(scanner.next()).toBe(true);
      expect(isMessage(scanner)).toBe(expected);
    }
  });
});
