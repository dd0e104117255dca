import { describe, expect, it } from "vitest";
import { fuzzRestore } from "../../fuzz/restore.ts";

describe("RESTORE", () => {
  it("takes damaged values or refuses them, and stays whole", () => {
    expect(() => fuzzRestore("test", 800)).not.toThrow();
  }, 60_000);

  it("packs a sorted set with a negative zero", () => {
    expect(() => fuzzRestore("r1", 400)).not.toThrow();
  }, 60_000);
});
