import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Files } from "../../server/files.ts";
import { until } from "../net/echo-server.ts";

let folder: string;
let files: Files;
let read: [tag: number, text: string | null, error: string][];
let written: [tag: number, error: string | null][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seedis-files-"));
  read = [];
  written = [];
  files = new Files({
    read: (tag, bytes, error) => {
      read.push([tag, bytes === null ? null : Buffer.from(bytes).toString("latin1"), error]);
    },
    written: (tag, error) => {
      written.push([tag, error]);
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

it("reads a file whole", async () => {
  writeFileSync(join(folder, "a"), "\x00text\xff", "latin1");
  files.read(7, join(folder, "a"));
  await until(() => read.length === 1);
  expect(read).toEqual([[7, "\x00text\xff", ""]]);
});

it("gives the C library's texts for errors", async () => {
  files.read(1, join(folder, "none"));
  await until(() => read.length === 1);
  files.read(2, folder);
  await until(() => read.length === 2);
  expect(read).toEqual([
    [1, null, "No such file or directory"],
    [2, null, "Is a directory"],
  ]);
});

it("replaces a file, and leaves no temporary one", async () => {
  const path = join(folder, "redis.conf");
  writeFileSync(path, "old");
  files.write(1, path, Buffer.from("one"));
  files.write(2, path, Buffer.from("two"));
  await files.idle;
  expect(written).toEqual([
    [1, null],
    [2, null],
  ]);
  expect(readFileSync(path, "latin1")).toBe("two");
  expect(readdirSync(folder)).toEqual(["redis.conf"]);
});

it("leaves the old file alone when it cannot write the new one", async () => {
  files.write(1, join(folder, "none/x"), Buffer.from("x"));
  files.write(2, folder, Buffer.from("x"));
  await files.idle;
  expect(written).toEqual([
    [1, "No such file or directory"],
    [2, "Is a directory"],
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

it("takes names with one character per byte", async () => {
  files.write(1, join(folder, "caf\xc3\xa9"), Buffer.from("x"));
  await files.idle;
  expect(readdirSync(folder)).toEqual(["café"]);
  files.read(2, join(folder, "caf\xc3\xa9"));
  await until(() => read.length === 1);
  expect(read).toEqual([[2, "x", ""]]);
});
