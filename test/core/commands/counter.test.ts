import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CoreNode } from "../../support/core-node.ts";

/** Where integers change their form on the way: 32 bits, 53 bits, 64 bits. */
const edge = fc.constantFrom(
  0n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n,
  -(2n ** 53n),
  2n ** 63n,
  -(2n ** 63n),
);
const number = fc
  .tuple(edge, fc.integer({ min: -3, max: 3 }))
  .map(([near, off]) => BigInt.asIntN(64, near + BigInt(off)));

describe("counters", () => {
  it("add as 64-bit integers do", () => {
    fc.assert(
      fc.property(number, fc.array(number, { minLength: 1, maxLength: 6 }), (first, steps) => {
        const server = new CoreNode();
        server.run(`SET n ${first}`);
        let value = first;
        for (const by of steps) {
          const sum = value + by;
          const reply = server.run(`INCRBY n ${by}`);
          if (BigInt.asIntN(64, sum) === sum) {
            value = sum;
            expect(reply).toBe(`:${value}`);
          } else {
            expect(reply).toBe("-ERR increment or decrement would overflow");
          }
        }
        expect(server.run("GET n")).toBe(`$${String(value).length}\r\n${value}`);
        expect(server.run("OBJECT ENCODING n")).toBe("$3\r\nint");
      }),
    );
  });
});
