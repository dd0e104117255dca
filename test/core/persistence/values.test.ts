// Values of all types as Redis 7.0.15 and 7.4.1 dump them, and what Redis 7.4.1 makes of them when it
// restores them (test/fixtures/dump-payloads.json).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { latin1 } from "../../../core/util/bytes.ts";
import { fromHex } from "../../../core/util/hex.ts";
import { CoreNode } from "../../support/core-node.ts";

interface Dumped {
  name: string;
  /** The Redis that made `dump`, in hexadecimal. */
  version: string;
  dump: string;
  type: string;
  encoding: string;
  digest: string;
  dumpedAgain: string;
}

const dumped = JSON.parse(
  readFileSync(new URL("../../fixtures/dump-payloads.json", import.meta.url), "utf8"),
) as Dumped[];

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

describe.each(dumped)("$name of $version", ({ type, encoding, dump, digest, dumpedAgain }) => {
  test.each(["no", "yes"])("with sanitize-dump-payload %s", (sanitize) => {
    const node = new CoreNode({
      configuration: `enable-debug-command yes\nsanitize-dump-payload ${sanitize}`,
    });
    expect(node.send(1, "RESTORE", "k", "0", latin1(fromHex(dump)!))).toBe("+OK\r\n");
    const looksRight = () => {
      expect(node.run("TYPE k")).toBe(`+${type}`);
      expect(node.send(1, "OBJECT", "ENCODING", "k")).toBe(bulk(encoding));
      expect(node.run("DEBUG DIGEST-VALUE k")).toBe(`*1\r\n+${digest}`);
      expect(node.send(1, "DUMP", "k")).toBe(bulk(latin1(fromHex(dumpedAgain)!)));
    };
    looksRight();
    expect(node.run("DEBUG RELOAD")).toBe("+OK");
    looksRight();
    expect(node.run("COPY k c")).toBe(":1");
    expect(node.run("RENAME c k")).toBe("+OK");
    expect(node.run("MOVE k 1")).toBe(":1");
    node.run("SELECT 1");
    looksRight();
    node.run("UNLINK k");
    node.runJobs();
    node.verify();
    expect(node.run("DEBUG DIGEST")).toBe(`+${"0".repeat(40)}`);
  });
});
