import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { humanBytes } from "../../../core/info/fields.ts";
import { bulkText, FakeServer } from "../../support/fake-server.ts";

/** Redis 7.4.1's sections and fields in their order; those that count something have no fixed names. */
const REFERENCE = JSON.parse(
  readFileSync(new URL("../../fixtures/info-fields.json", import.meta.url), "utf8"),
) as { order: Record<string, string[]>; sections: Record<string, string[]> };

/** Fields that only this server has. */
const OWN = ["seedis_version", "seedis_runtime"];

function sectionsOf(info: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  for (const part of info.split("\r\n\r\n")) {
    const [title, ...lines] = part.trimEnd().split("\r\n");
    const names = lines.map((line) => line.slice(0, line.indexOf(":")));
    sections.set(title.slice(2), names);
  }
  return sections;
}

describe("INFO", () => {
  it.each(Object.entries(REFERENCE.order).filter(([line]) => line.startsWith("INFO")))(
    "%s shows Redis's sections in their order",
    (line, titles) => {
      const client = new FakeServer().connect();
      expect([...sectionsOf(bulkText(client.run(line))).keys()]).toEqual(titles);
    },
  );

  it("has Redis's fields in their order", () => {
    const client = new FakeServer().connect();
    const sections = sectionsOf(bulkText(client.run("INFO everything")));
    for (const [title, fields] of Object.entries(REFERENCE.sections)) {
      if (fields.length === 0) continue;
      const names = sections.get(title)!.filter((name) => !OWN.includes(name));
      expect(names, title).toEqual(fields);
    }
  });

  it.each([
    ["INFO keyspace CLUSTER", "# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n"],
    ["INFO module_list", "# Modules\r\n"],
    ["INFO nosuch", ""],
    ["INFO sentinel cluster", "# Cluster\r\ncluster_enabled:0\r\n"],
  ])("%s", (line, text) => {
    expect(bulkText(new FakeServer().connect().run(line))).toBe(text);
  });

  it("shows the debug section only by name", () => {
    const client = new FakeServer().connect();
    expect(client.run("INFO everything")).not.toContain("# Debug");
    expect(bulkText(client.run("INFO debug"))).toMatch(
      /^# Debug\r\neventloop_duration_aof_sum:0\r\n/,
    );
  });

  it("is a verbatim text in RESP3", () => {
    const client = new FakeServer().connect();
    client.run("HELLO 3");
    expect(client.run("INFO keyspace")).toBe("=16\r\ntxt:# Keyspace\r\n");
  });

  it("tells of keys, expiry and hits", () => {
    const server = new FakeServer();
    const client = server.connect();
    client.write("SET a 1\r\nSET b 1 EX 100\r\nSELECT 9\r\nSET c 1\r\nGET c\r\nGET d\r\n");
    expect(bulkText(client.run("INFO keyspace"))).toMatch(
      /^# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=\d+,subexpiry=0\r\ndb9:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n$/,
    );
    expect(client.run("INFO stats")).toContain("keyspace_hits:1\r\nkeyspace_misses:1\r\n");
    expect(client.run("INFO persistence")).toContain("rdb_changes_since_last_save:3\r\n");
  });

  it("names the listeners", () => {
    const client = new FakeServer({ port: "7000", bind: "127.0.0.1 ::1", unixsocket: "/run/s" });
    expect(client.connect().run("INFO server")).toContain(
      "listener0:name=tcp,bind=127.0.0.1,bind=::1,port=7000\r\nlistener1:name=unix,bind=/run/s\r\n",
    );
  });
});

describe("commandstats, latencystats, errorstats", () => {
  it("count calls, time, refusals and failures by command", () => {
    const server = new FakeServer({ "latency-tracking-info-percentiles": "0 50 99.9" });
    server.stepUs = 3;
    const client = server.connect();
    client.run("CONFIG RESETSTAT");
    client.write("SET k v\r\n");
    client.write("INCR k\r\n");
    client.write("SET k\r\n");
    const info = bulkText(client.run("INFO all"));
    expect(info).toContain(
      "cmdstat_set:calls=1,usec=3,usec_per_call=3.00,rejected_calls=1,failed_calls=0\r\n",
    );
    expect(info).toContain(
      "cmdstat_incr:calls=1,usec=3,usec_per_call=3.00,rejected_calls=0,failed_calls=1\r\n",
    );
    // 3 µs lie in the bucket of 2992 to 3007 ns.
    expect(info).toContain("latency_percentiles_usec_set:p0=2.992,p50=3.007,p99.9=3.007\r\n");
    expect(info).toContain("errorstat_ERR:count=2\r\n");
  });

  it("give up counting kinds of errors when there are too many", () => {
    const server = new FakeServer();
    const client = server.connect();
    for (let i = 0; i < 128; i++) server.node.statistics.noteError(`E${i}:# text`);
    expect(bulkText(client.run("INFO errorstats"))).toContain("errorstat_E7__:count=1\r\n");
    server.node.statistics.noteError("E128 text");
    server.node.statistics.noteError("E129 text");
    expect(bulkText(client.run("INFO errorstats"))).toBe(
      "# Errorstats\r\nerrorstat_ERRORSTATS_DISABLED:count=1\r\n",
    );
    expect(server.logged.filter((line) => line.includes("Errorstats stopped"))).toHaveLength(1);
    expect(server.logged.at(-1)).toMatch(/^warning: Current errors code list: E0__, E100__, /);
    expect(client.run("INFO memory")).toContain("lazyfreed_objects:128\r\n");
    client.run("CONFIG RESETSTAT");
    client.run("BAD");
    expect(bulkText(client.run("INFO errorstats"))).toBe(
      "# Errorstats\r\nerrorstat_ERR:count=1\r\n",
    );
  });
});

it("rates follow the counters", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (let i = 0; i < 40; i++) {
    client.write("PING\r\n".repeat(10));
    server.tick();
  }
  const info = client.run("INFO stats");
  expect(info).toContain("instantaneous_ops_per_sec:100\r\n");
  expect(info).toContain("instantaneous_input_kbps:0.59\r\n");
  expect(info).toContain("instantaneous_eventloop_cycles_per_sec:20\r\n");
});

it("memory: the peak stays, percentages are of it", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.call("SET", "k", "v".repeat(200000));
  client.run("DEL k");
  server.runJobs();
  const info = client.run("INFO memory");
  const field = (name: string) => Number(new RegExp(`\\b${name}:([\\d.]+)`).exec(info)?.[1]);
  const startup = field("used_memory_startup");
  expect(field("used_memory") - startup).toBeLessThan(100000);
  expect(field("used_memory_peak") - startup).toBeGreaterThan(200000);
  expect(field("used_memory_peak_perc")).toBeCloseTo(
    (field("used_memory") * 100) / field("used_memory_peak"),
    1,
  );
  expect(field("used_memory_dataset") + field("used_memory_overhead")).toBe(field("used_memory"));
});

it.each([
  [0, "0B"],
  [1023, "1023B"],
  [1024, "1.00K"],
  [1536, "1.50K"],
  [1048576, "1.00M"],
  [3 * 1024 ** 3, "3.00G"],
  [1024 ** 4, "1.00T"],
  [5 * 1024 ** 5, "5.00P"],
])("%i bytes are %s", (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});
