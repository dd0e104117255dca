// A short run of random Lua programs: `npm run fuzz -- lua` is the long one.
import { it } from "vitest";
import { fuzzLua } from "../../fuzz/lua.ts";

it("runs random Lua programs as redis-server does", async () => {
  await fuzzLua("conformance", 3000);
});
