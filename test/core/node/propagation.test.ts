// What replicas and the append-only file are told: the commands that Redis 7.4.1 propagates for single
// commands of all kinds (test/fixtures/command-probes.jsonl, `propagated`). `<ms>` stands for a time,
// which is absolute: the replica must not expire a key later than the primary does.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CoreNode } from "../../support/core-node.ts";
import { splitCommand } from "../../support/transcript/text.ts";

interface Probe {
  cmd: string;
  setup?: string[];
  resp2: string;
  propagated?: string[];
}

const probes = readFileSync(new URL("../../fixtures/command-probes.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Probe);

/** How many probes must run: raised as commands arrive. */
const RAN_MIN = 400;

/** True when the node has every command of the probe. */
function isKnown(node: CoreNode, lines: readonly string[]): boolean {
  return lines.every((line) => node.node.commands.find(line.toLowerCase().split(" ")[0]!) !== null);
}

function matches(actual: readonly string[], expected: readonly string[], nowMs: number): boolean {
  if (actual.length !== expected.length) return false;
  return expected.every((line, i) => {
    const pattern = line.split("<ms>").map(escapeRegExp).join("(\\d+)");
    const times = new RegExp(`^${pattern}$`, "is").exec(actual[i]!);
    return times?.slice(1).every((time) => Number(time) >= nowMs) ?? false;
  });
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

test("single commands are propagated as Redis 7.4.1 does it", () => {
  const wrong: string[] = [];
  let ran = 0;
  for (const { cmd, setup = [], resp2, propagated = [] } of probes) {
    const node = new CoreNode({ propagates: true, configuration: "enable-debug-command yes" });
    const lines = [...setup, cmd];
    if (!isKnown(node, lines) || resp2.startsWith("-ERR unknown command")) continue;
    // There the server has done things by itself meanwhile.
    if (setup.some((line) => line.startsWith("DEBUG SLEEP"))) continue;
    ran++;
    for (const line of setup) node.send(1, ...splitCommand(line, new Map()));
    node.takePropagated();
    node.send(1, ...splitCommand(cmd, new Map()));
    const actual = node.takePropagated();
    if (!matches(actual, propagated, node.nowMs)) {
      wrong.push(`${lines.join("; ")}\n  - ${propagated.join("; ")}\n  + ${actual.join("; ")}`);
    }
  }
  expect(wrong.join("\n")).toBe("");
  expect(ran).toBeGreaterThanOrEqual(RAN_MIN);
});

test("a listener that comes in the middle of a command hears whole units from then on", () => {
  const node = new CoreNode({ configuration: "enable-debug-command yes" });
  const heard: string[] = [];
  node.node.host.sleep = () => {
    node.node.propagation.listener = (unit) => {
      heard.push(unit.map(({ words }) => words.join(" ")).join("; "));
    };
  };
  for (const line of ["DEBUG SLEEP 0.001", "MULTI", "SET a 1", "SET b 2", "EXEC", "SET c 3"]) {
    node.run(line);
  }
  expect(heard).toEqual(["SET a 1; SET b 2", "SET c 3"]);
});
