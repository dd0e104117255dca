import { describe, expect, it } from "vitest";
import { fuzzParser } from "../../fuzz/parser.ts";

describe("request parser", () => {
  it("answers damaged input the same whether it comes whole or in pieces", () => {
    expect(() => fuzzParser("test", 3000)).not.toThrow();
  });
});
