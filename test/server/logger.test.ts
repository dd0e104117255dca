import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatLine, Logger, type LogSettings } from "../../server/logger.ts";

let folder: string;
let logfile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seedis-log-"));
  logfile = join(folder, "seedis.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function settings(more: Partial<LogSettings> = {}): Mutable<LogSettings> {
  return { loglevel: "notice", logfile, logFormat: "plain", ...more };
}

const lines = (path = logfile): string[] => readFileSync(path, "latin1").split("\n").slice(0, -1);

describe("the plain format", () => {
  const time = new Date(2026, 0, 2, 3, 4, 5, 67);

  it("is Redis's", () => {
    expect(formatLine(4242, "M", time, "notice", "Ready")).toBe(
      "4242:M 02 Jan 2026 03:04:05.067 * Ready\n",
    );
  });

  it.each([
    ["debug", "."],
    ["verbose", "-"],
    ["notice", "*"],
    ["warning", "#"],
  ] as const)("marks %s with %s", (level, mark) => {
    expect(formatLine(1, "S", new Date(2026, 11, 31), level, "x")).toBe(
      `1:S 31 Dec 2026 00:00:00.000 ${mark} x\n`,
    );
  });
});

describe("the logger", () => {
  it("writes what the level lets through, and follows its changes", () => {
    const current = settings();
    const logger = new Logger(current, () => "M");
    const all = ["debug", "verbose", "notice", "warning"] as const;
    for (const level of all) logger.log(level, `at notice: ${level}`);
    current.loglevel = "debug";
    for (const level of all) logger.log(level, `at debug: ${level}`);
    current.loglevel = "nothing";
    for (const level of all) logger.log(level, `at nothing: ${level}`);
    expect(lines().map((line) => line.replace(/^.*?[.*#-] /, ""))).toEqual([
      "at notice: notice",
      "at notice: warning",
      "at debug: debug",
      "at debug: verbose",
      "at debug: notice",
      "at debug: warning",
    ]);
  });

  it("shows the process and its role", () => {
    new Logger(settings(), () => "X").log("warning", "x");
    expect(lines()[0]).toMatch(
      new RegExp(`^${process.pid}:X \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} # x$`),
    );
  });

  it("goes on in a new file when the old one is moved away", () => {
    const logger = new Logger(settings(), () => "M");
    logger.log("notice", "one");
    renameSync(logfile, `${logfile}.1`);
    logger.log("notice", "two");
    expect(lines(`${logfile}.1`)[0]).toMatch(/ one$/);
    expect(lines()[0]).toMatch(/ two$/);
  });

  it("keeps bytes as they are", () => {
    new Logger(settings(), () => "M").log("notice", "\xff\x00");
    expect(lines()[0]).toMatch(/ \xff\0$/);
  });

  it("writes raw text in the plain format only", () => {
    new Logger(settings(), () => "M").raw("logo\n");
    new Logger(settings({ logFormat: "json" }), () => "M").raw("logo\n");
    new Logger(settings({ loglevel: "warning" }), () => "M").raw("logo\n");
    expect(lines()).toEqual(["logo"]);
  });

  it("carries on when the file cannot be written", () => {
    const logger = new Logger(settings({ logfile: folder }), () => "M");
    expect(() => logger.log("notice", "x")).not.toThrow();
  });

  it("writes one JSON object a line when asked to", () => {
    const logger = new Logger(settings({ logFormat: "json", loglevel: "debug" }), () => "S");
    for (const level of ["debug", "verbose", "notice", "warning"] as const) {
      logger.log(level, `caf\xc3\xa9 "${level}"`);
    }
    const objects = readFileSync(logfile, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(objects.map(({ level, msg }) => [level, msg])).toEqual([
      ["debug", 'café "debug"'],
      ["verbose", 'café "verbose"'],
      ["info", 'café "notice"'],
      ["warn", 'café "warning"'],
    ]);
    expect(objects[0]).toMatchObject({ pid: process.pid, role: "slave" });
    expect(new Date(objects[0].time).getTime()).not.toBeNaN();
  });
});
