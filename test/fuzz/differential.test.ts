import { describe, expect, it } from "vitest";
import { CommandSource, mayBlock, type Words } from "../../fuzz/differential-commands.ts";
import { Comparison } from "../../fuzz/differential-compare.ts";
import { replyEnds } from "../../fuzz/differential-servers.ts";
import { Random } from "../../sim/random.ts";

function draw(seed: string, count: number): Words[] {
  const source = new CommandSource(new Random(seed));
  const commands: Words[] = [];
  while (commands.length < count) commands.push(...source.next());
  return commands;
}

/** Whether replies to a command count as equal, for a reference of 7.0 or one of 7.4. */
function isSame(command: string, expected: string, given: string, isOlder = true): boolean {
  const words = command.split(" ");
  return new Comparison(isOlder).next(words, Buffer.from(expected), Buffer.from(given));
}

describe("commands", () => {
  it("are the same for the same seed", () => {
    expect(draw("a", 500)).toEqual(draw("a", 500));
    expect(draw("a", 500)).not.toEqual(draw("b", 500));
  });

  it("wait only inside of transactions, and close what they open", () => {
    let isQueuing = false;
    let waiting = 0;
    for (const words of draw("transactions", 20_000)) {
      if (words[0] === "MULTI") isQueuing = true;
      else if (words[0] === "EXEC" || words[0] === "DISCARD") isQueuing = false;
      else if (mayBlock(words)) {
        expect(isQueuing, words.join(" ")).toBe(true);
        waiting++;
      }
    }
    expect(isQueuing).toBe(false);
    expect(waiting).toBeGreaterThan(0);
  });
});

describe("comparison", () => {
  const ab = "*2\r\n$1\r\na\r\n$1\r\nb\r\n";
  const ba = "*2\r\n$1\r\nb\r\n$1\r\na\r\n";

  it.each([
    ["SMEMBERS S0", ab, ba, true],
    ["LRANGE l0 0 -1", ab, ba, false],
    ["SSCAN S0 0 COUNT 9", `*2\r\n$1\r\n0\r\n${ab}`, `*2\r\n$1\r\n0\r\n${ba}`, true],
    ["SSCAN S0 0 COUNT 9", `*2\r\n$1\r\n0\r\n${ab}`, `*2\r\n$1\r\n1\r\n${ba}`, false],
    ["SRANDMEMBER S0 2", ab, "*2\r\n$1\r\nc\r\n$1\r\nd\r\n", true],
    ["SRANDMEMBER S0 2", ab, "*1\r\n$1\r\nc\r\n", false],
    ["GET s0", "$1\r\na\r\n", "$1\r\nb\r\n", false],
    ["GET s0", "$1\r\n1\r\n", ":1\r\n", false],
    ["ZSCORE z0 m", "$19\r\n0.10000000000000001\r\n", "$3\r\n0.1\r\n", true],
    ["ZSCORE z0 m", "$1\r\n0\r\n", "$2\r\n-0\r\n", false],
  ])("%s: %j and %j", (command, expected, given, same) => {
    expect(isSame(command, expected, given)).toBe(same);
  });

  it("knows what was changed between 7.0 and 7.4, for an older reference only", () => {
    const command = "OBJECT ENCODING S0";
    expect(isSame(command, "$9\r\nhashtable\r\n", "$8\r\nlistpack\r\n")).toBe(true);
    expect(isSame(command, "$9\r\nhashtable\r\n", "$8\r\nlistpack\r\n", false)).toBe(false);
    expect(isSame(command, "$6\r\nintset\r\n", "$8\r\nlistpack\r\n")).toBe(false);
  });

  it("looks into the replies of a transaction", () => {
    const comparison = new Comparison(true);
    const next = (command: string, expected: string, given: string = expected): boolean =>
      comparison.next(command.split(" "), Buffer.from(expected), Buffer.from(given));
    expect(next("MULTI", "+OK\r\n")).toBe(true);
    expect(next("SMEMBERS S0", "+QUEUED\r\n")).toBe(true);
    expect(next("LRANGE l0 0 -1", "+QUEUED\r\n")).toBe(true);
    expect(next("EXEC", `*2\r\n${ab}${ab}`, `*2\r\n${ba}${ab}`)).toBe(true);
    expect(next("MULTI", "+OK\r\n")).toBe(true);
    expect(next("LRANGE l0 0 -1", "+QUEUED\r\n")).toBe(true);
    expect(next("EXEC", `*1\r\n${ab}`, `*1\r\n${ba}`)).toBe(false);
  });
});

it("finds the end of every reply", () => {
  const replies = [
    "+OK\r\n",
    "$-1\r\n",
    "$4\r\n\r\n\r\n\r\n",
    "*2\r\n*1\r\n:1\r\n$0\r\n\r\n",
    "%1\r\n+a\r\n~2\r\n_\r\n#t\r\n",
    "*-1\r\n",
    "*0\r\n",
    ",1.5\r\n",
  ];
  const ends = replyEnds(Buffer.from(replies.join("")));
  expect(ends.map((end, i) => end - (ends[i - 1] ?? 0))).toEqual(
    replies.map((reply) => reply.length),
  );
});
