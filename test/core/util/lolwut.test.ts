import { describe, expect, test } from "vitest";
import { toBytes } from "../../../core/util/bytes.ts";
import { lolwutPlain, lolwutSchotter, lolwutSkyline } from "../../../core/util/lolwut.ts";
import { Prng } from "../../../core/util/prng.ts";

const prng = (): Prng => new Prng(toBytes("art"));
const utf8 = (text: string): string => Buffer.from(text, "latin1").toString("utf8");

describe("Schotter", () => {
  const credit = "Georg Nees - schotter, plotter on paper, 1968. Redis ver. 7.4.1\n";

  test("the first two rows stand straight", () => {
    // As Redis draws it.
    const squares = "⢰⠒⠒⢲⠒⠒⣶⠒⠒⡆\n⢸⣀⣀⣸⣀⣀⣿⣀⣀⡇\n⢸⠀⠀⢸⠀⠀⣿⠀⠀⡇\n⠘⠒⠒⠚⠒⠒⠛⠒⠒⠃\n";
    expect(utf8(lolwutSchotter(prng(), 10, 3, 2, "7.4.1"))).toBe(`${squares}\n${credit}`);
  });

  test("has the size that was asked for, within limits", () => {
    const lines = utf8(lolwutSchotter(prng(), 66, 8, 12, "7.4.1")).split("\n");
    expect(lines.slice(-2)).toEqual([credit.trim(), ""]);
    const picture = lines.slice(0, -3);
    expect(picture.length).toBe(49);
    expect(picture.every((line) => /^[\u2800-\u28ff]{66}$/.test(line))).toBe(true);
    const tiny = utf8(lolwutSchotter(prng(), -5, 0, 0, "7.4.1")).split("\n");
    expect(tiny[0]).toMatch(/^[\u2800-\u28ff]$/);
    const large = utf8(lolwutSchotter(prng(), 5000, 200, 1, "7.4.1")).split("\n");
    expect(large[0].length).toBe(1000);
  });

  test("a seed gives one picture", () => {
    const draw = (seed: string): string =>
      lolwutSchotter(new Prng(toBytes(seed)), 66, 8, 12, "7.4.1");
    expect(draw("a")).toBe(draw("a"));
    expect(draw("a")).not.toBe(draw("b"));
  });
});

describe("skyline", () => {
  test("is a grid of greys", () => {
    const lines = lolwutSkyline(prng(), 80, 20, "7.4.1").split("\n");
    expect(lines.slice(20)).toEqual([
      "Dedicated to the 8 bit game developers of past and present.",
      "Original 8 bit image from Plaguemon by hikikomori. Redis ver. 7.4.1",
      "",
    ]);
    const pixel = "\\x1b\\[0;(30;40|90;100|37;47|97;107)m \\x1b\\[0m";
    for (const line of lines.slice(0, 20)) expect(line).toMatch(new RegExp(`^(${pixel}){80}$`));
    const colors = new Set(lines.join("").match(/0;\d+;\d+m/g));
    expect(colors.size).toBe(4);
  });

  test("keeps to its limits", () => {
    expect(lolwutSkyline(prng(), 0, 0, "7.4.1").split("\n").length).toBe(4);
    expect(lolwutSkyline(prng(), 3, 2000, "7.4.1").split("\n").length).toBe(1003);
  });
});

test("other versions only tell the version", () => {
  expect(lolwutPlain("7.4.1")).toBe("Redis ver. 7.4.1\n");
});
