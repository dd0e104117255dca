import { defineConfig } from "vitest/config";

/** Seedis against Debian's redis-server 7.0.15: the same bytes in, the same bytes out. */
export default defineConfig({
  test: {
    include: ["test/conformance/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
