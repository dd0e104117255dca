import { expect, test } from "vitest";
import { configFilePath, resolvePath } from "../../../core/config/path.ts";

test.each([
  ["/a/b", "c", "/a/b/c"],
  ["/a/b", "../c/./d/", "/a/c/d"],
  ["/a", "../../..", "/"],
  ["/a", "/x//y/../z", "/x/z"],
  ["/", ".", "/"],
])("resolvePath(%j, %j)", (directory, path, absolute) => {
  expect(resolvePath(directory, path)).toBe(absolute);
});

test.each([
  ["/a/b", "x.conf", "/a/b/x.conf"],
  ["/a/b", "./x.conf", "/a/b/./x.conf"],
  ["/a/b", "../x.conf", "/a/x.conf"],
  ["/a/b", "../../../x.conf", "/x.conf"],
  ["/", "x.conf", "/x.conf"],
  ["/a", " /x/../y ", "/x/../y"],
])("configFilePath(%j, %j)", (directory, file, absolute) => {
  expect(configFilePath(directory, file)).toBe(absolute);
});
