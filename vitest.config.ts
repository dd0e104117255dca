import { defineConfig } from "vitest/config";

/** Everything that needs nothing but Node; `vitest.conformance.config.ts` needs redis-server. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/conformance/**"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
