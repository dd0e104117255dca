import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Config } from "../../core/config/config.ts";
import { configSource } from "../../server/config-source.ts";

let folder: string;
const startDirectory = process.cwd();
const source = configSource({ log: () => {}, isCommand: (name) => name === "get" });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seedis-config-"));
});
afterEach(() => {
  process.chdir(startDirectory);
  rmSync(folder, { recursive: true });
});

it("reads a configuration with everything it includes", () => {
  mkdirSync(join(folder, "conf.d"));
  writeFileSync(join(folder, "conf.d/1.conf"), "port 1\nmaxclients 11");
  writeFileSync(join(folder, "conf.d/2.conf"), "\nport 2\n");
  writeFileSync(join(folder, "conf.d/.hidden.conf"), "port 3\n");
  writeFileSync(join(folder, "conf.d/other"), "port 4\n");
  writeFileSync(join(folder, "redis.conf"), "include conf.d/*.conf\ninclude none/*.conf\n");
  const config = new Config({ directory: folder });
  expect(config.loadArgs([join(folder, "redis.conf"), "--timeout", "9"], source)).toBeNull();
  const { port, maxclients, timeout } = config.values;
  expect([port, maxclients, timeout]).toEqual([2, 11, 9]);
  expect(config.configFile).toBe(join(folder, "redis.conf"));
});

it("finds patterns in any part of a path", () => {
  mkdirSync(join(folder, "a1/sub"), { recursive: true });
  mkdirSync(join(folder, "a2/sub"), { recursive: true });
  writeFileSync(join(folder, "a1/sub/x"), "1");
  writeFileSync(join(folder, "a2/sub/x"), "2");
  const texts = (pattern: string): string[] =>
    source.readFiles!(pattern, folder).map((file) => ("text" in file ? file.text : file.error));
  expect(texts("a?/sub/[xy]")).toEqual(["1", "2"]);
  expect(texts(`${folder}/a*/../a1/*/x`)).toEqual(["1", "1"]);
  expect(texts("b*/x")).toEqual([]);
  expect(texts("a1/sub")).toEqual(["Is a directory"]);
});

it("names the file that is missing", () => {
  const config = new Config({ directory: folder });
  expect(config.loadArgs(["none.conf"], source)).toEqual({
    log: `Fatal error, can't open config file '${folder}/none.conf': No such file or directory`,
  });
});

it("enters the working directory, if it is there", () => {
  const config = new Config({ directory: startDirectory });
  expect(config.loadArgs(["--dir", folder], source)).toBeNull();
  expect(process.cwd()).toBe(folder);
  const failure = config.loadArgs(["--dir", join(folder, "none")], source);
  expect(failure).toMatchObject({
    output: expect.stringMatching(/\nNo such file or directory\n$/),
  });
});

it("tries the log file", () => {
  const config = new Config({ directory: folder });
  const path = join(folder, "seedis.log");
  expect(config.loadArgs(["--logfile", path], source)).toBeNull();
  expect(readdirSync(folder)).toEqual(["seedis.log"]);
  expect(config.loadArgs(["--logfile", folder], source)).toMatchObject({
    output: expect.stringContaining("Can't open the log file: Is a directory"),
  });
});

it("knows which commands can be renamed", () => {
  const config = new Config({ directory: folder });
  expect(config.loadText('rename-command GET ""', source)).toBeNull();
  expect(config.loadText("rename-command NONE x", source)).not.toBeNull();
});
