import { expect, it } from "vitest";
import { EvictionPool } from "../../../core/keyspace/eviction-pool.ts";
import { Prng } from "../../../core/util/prng.ts";

interface Candidate {
  score: number;
  database: number;
  entry: number;
  hash: number;
}

it("keeps the sixteen best, of equal ones those that came first, and gives the best", () => {
  const prng = new Prng(Uint8Array.of(5));
  for (const range of [3, 20, 1000]) {
    const pool = new EvictionPool();
    let model: Candidate[] = [];
    for (let step = 1; step < 5000; step++) {
      if (prng.below(4) === 0) {
        const best = model.pop();
        expect(pool.takeBest()).toBe(best !== undefined);
        if (best === undefined) continue;
        const { database, entry, hash } = pool;
        expect({ score: best.score, database, entry, hash }).toEqual(best);
      } else {
        const score = prng.below(range);
        const candidate = { score, database: step & 15, entry: step, hash: -step };
        pool.offer(score, candidate.database, candidate.entry, candidate.hash);
        // In ascending order; a new one comes before its equals.
        const place = model.findIndex((other) => other.score >= score);
        model.splice(place === -1 ? model.length : place, 0, candidate);
        model = model.slice(-16);
      }
      expect(pool.count).toBe(model.length);
    }
    pool.clear();
    expect(pool.takeBest()).toBe(false);
  }
});
