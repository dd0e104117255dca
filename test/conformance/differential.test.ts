// A short run of the differential fuzzer: `npm run fuzz -- differential` is the long one.
import { it } from "vitest";
import { fuzzDifferential } from "../../fuzz/differential.ts";

it("answers random commands as redis-server does", async () => {
  await fuzzDifferential("conformance", 30_000);
}, 120_000);
