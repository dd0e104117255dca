import { describe, expect, it } from "vitest";
import { bugs } from "../../sim/bugs.ts";
import { Tally } from "../../sim/model/tally.ts";
import { runSeed } from "../../sim/run.ts";

describe("simulator", () => {
  it("is green on seeds and gives the same hash twice", () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 25; seed++) {
      const first = runSeed(String(seed), { commandCount: 600 });
      expect(first.failure).toBeNull();
      expect(runSeed(String(seed), { commandCount: 600 }).hash).toBe(first.hash);
      hashes.add(first.hash);
    }
    expect(hashes.size).toBe(25);
  });

  it("sends the families it is asked for, and no others", () => {
    const tally = new Tally();
    const result = runSeed("1", { commandCount: 300, only: ["lists", "transactions"], tally });
    expect(result.failure).toBeNull();
    const names = tally.names();
    expect(names).toContain("lpush");
    expect(names).toContain("multi");
    expect(names).not.toContain("hset");
  });

  it("listens in every run that is to do nothing else", () => {
    for (const seed of ["1", "2", "3", "4"]) {
      const tally = new Tally();
      expect(runSeed(seed, { commandCount: 200, only: ["listening"], tally }).failure).toBeNull();
      expect(tally.names()).toContain("subscribe");
      expect(tally.names()).not.toContain("set");
    }
  });

  // Whoever waits for a flush is answered at different moments: by CLIENT UNBLOCK twice in a row, at
  // once in the middle of a pipeline, by another one's flush, when room is made.
  it.each(["2302", "2865", "3144", "4222", "4406"])(
    "follows a flush that takes its time, seed %s",
    (seed) => {
      expect(runSeed(seed).failure).toBeNull();
    },
  );

  it.each([
    ["1494", "who goes on after a flush"],
    ["1900", "until when one that quits is told of others"],
    ["1950", "who goes on first after a flush"],
  ])("seed %s in short: knows %s", (seed) => {
    expect(runSeed(seed, { commandCount: 800 }).failure).toBeNull();
  });

  it.each([
    ["3789", "for whom the last command of an event has removed an expired key"],
    ["7197", "that ZADD with NX adds no infinity to the other one"],
    ["9192", "that SMOVE tells of its events before it tells those who cache the source"],
    ["12238", "that RENAME tells of the new key before it tells those who cache the old one"],
  ])("seed %s: knows %s", (seed) => {
    expect(runSeed(seed).failure).toBeNull();
  });

  for (const [name, bug] of Object.entries(bugs)) {
    it(`finds the planted bug ${name}`, () => {
      let found = false;
      for (let seed = 1; seed <= 100 && !found; seed++) {
        found = runSeed(String(seed), { bug }).failure !== null;
      }
      expect(found).toBe(true);
    });
  }
});
