import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMAND_FACTS } from "../../../core/commands/command-facts.ts";
import { NameIndex } from "../../../core/commands/lookup.ts";

const commandNames = [...COMMAND_FACTS.keys()];

/** A name with random letters in upper case. */
const mixedCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => [...name].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join(""));

function find<Value>(index: NameIndex<Value>, name: string): Value | null {
  // In the middle of a buffer, between bytes that belong to other arguments.
  const bytes = new Uint8Array(Buffer.from(`get${name}set`, "latin1"));
  const found = index.find(bytes, 3, bytes.length - 6);
  // The cache in front answers the same, before and after it has learnt the name, also where the
  // buffer ends with it.
  const view = new DataView(bytes.buffer);
  const alone = bytes.slice(3, bytes.length - 3);
  for (let i = 0; i < 2; i++) {
    expect(index.findAgain(bytes, view, 3, bytes.length - 6)).toBe(found);
    expect(index.findAgain(alone, new DataView(alone.buffer), 0, alone.length)).toBe(found);
  }
  return found;
}

describe("NameIndex", () => {
  it("finds every command in any case", () => {
    const index = new NameIndex(commandNames.map((name) => [name, name] as const));
    fc.assert(
      fc.property(
        fc
          .constantFrom(...commandNames)
          .chain((name) => fc.tuple(fc.constant(name), mixedCase(name))),
        ([name, typed]) => {
          expect(find(index, typed)).toBe(name);
        },
      ),
    );
    for (const name of commandNames) expect(find(index, name.toUpperCase())).toBe(name);
  });

  it("finds nothing else", () => {
    const index = new NameIndex(commandNames.map((name) => [name, name] as const));
    const known = new Set(commandNames);
    const nearMiss = fc
      .tuple(fc.constantFrom(...commandNames), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([name, at, byte]) => {
        const i = at % name.length;
        return name.slice(0, i) + String.fromCharCode(byte) + name.slice(i + 1);
      });
    fc.assert(
      fc.property(nearMiss, (name) => {
        const lower = name.replace(/[A-Z]/g, (c) => c.toLowerCase());
        expect(find(index, name)).toBe(known.has(lower) ? lower : null);
      }),
      { numRuns: 5000 },
    );
    expect(find(index, "")).toBe(null);
    expect(find(index, "x".repeat(100_000))).toBe(null);
  });

  it("is a map over arbitrary bytes that ignores ASCII case only", () => {
    const bytes = fc
      .uint8Array({ minLength: 1, maxLength: 6 })
      .map((b) => Buffer.from(b).toString("latin1"));
    // Few letters, so that names collide, differ by case and start alike.
    const name = fc.oneof(
      bytes,
      fc.string({
        unit: fc.constantFrom("a", "A", "@", "`", "\xe0", "\xc0"),
        minLength: 1,
        maxLength: 5,
      }),
    );
    const fold = (text: string) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
    fc.assert(
      fc.property(fc.array(name, { maxLength: 60 }), fc.array(name), (names, asked) => {
        const model = new Map(names.map((each, i) => [fold(each), i]));
        const index = new NameIndex(model);
        for (const each of [...names, ...asked]) {
          expect(find(index, each)).toBe(model.get(fold(each)) ?? null);
        }
      }),
    );
  });
});
