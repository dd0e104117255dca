import { expect, test } from "vitest";
import { parseCommandLine } from "../../../core/config/command-line.ts";

test.each<[args: string[], options: string | null]>([
  [[], null],
  [["redis.conf"], ""],
  [["--port", "1"], 'port "1" '],
  [["--port 1"], "port 1 "],
  [["redis.conf", "--port", "1", "--hz", "5"], 'port "1" \nhz "5" '],
  [["--port", "1", "2"], 'port "1" "2" '],
  [["--port", "--hz", "5"], 'port "--hz" "5" '],
  [["--port", "1", "--hz"], 'port "1" \nhz '],
  [["--save", "--hz", "5"], 'save ""\nhz "5" '],
  [["--SAVE", "--hz", "5"], 'SAVE ""\nhz "5" '],
  [["--save"], 'save ""'],
  [["--save", ""], 'save "" '],
  [["--save", "1", "--hz", "5"], 'save "1" \nhz "5" '],
  [["--proc-title-template", "--save", "--save"], 'proc-title-template "--save" \nsave ""'],
  [["--sentinel"], "sentinel "],
  [["--sentinel", "--port", "1"], 'sentinel \nport "1" '],
  [["--a", "-", "--b", "1"], 'a "-" \nb "1" '],
  [["--a", 'x "y"\n'], 'a "x \\"y\\"\\n" '],
])("%j", (args, options) => {
  expect(parseCommandLine(args).options).toBe(options);
});

test("file and standard input", () => {
  const parts = (...args: string[]): unknown => {
    const { configFile, standardInput } = parseCommandLine(args);
    return { configFile, standardInput };
  };
  expect(parts()).toEqual({ configFile: "", standardInput: false });
  expect(parts("a.conf", "-")).toEqual({ configFile: "a.conf", standardInput: true });
  expect(parts("-", "--port", "1")).toEqual({ configFile: "", standardInput: true });
  expect(parts("--port", "1")).toEqual({ configFile: "", standardInput: false });
  expect(parts("--x", "-", "1")).toEqual({ configFile: "", standardInput: false });
});

test.each<[action: string, args: string[]]>([
  ["version", ["-v"]],
  ["version", ["--version", "--port", "1"]],
  ["help", ["-h"]],
  ["help", ["--help"]],
  ["test-memory", ["--test-memory", "64"]],
  ["check-system", ["--check-system"]],
  ["run", ["--port", "--help"]],
  ["run", []],
])("%s: %j", (action, args) => {
  expect(parseCommandLine(args).action).toBe(action);
});

test("Sentinel mode", () => {
  expect(parseCommandLine(["x.conf", "--sentinel"]).sentinel).toBe(true);
  expect(parseCommandLine(["x.conf", "--SENTINEL"]).sentinel).toBe(false);
});
