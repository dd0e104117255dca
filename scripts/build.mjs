// Bundles the entry points into dist/. One flat module per program starts faster than a hundred
// files, and the bundler inlines constants across modules, which the hot path relies on.
// `--if-stale` builds only when a source is newer than the bundle.
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const entries = {
  seedis: "server/main.ts",
  index: "index.ts",
  sim: "server/sim-main.ts",
  bench: "bench/main.ts",
  fuzz: "fuzz/main.ts",
};
const sourceFolders = ["core", "net", "server", "sim", "fuzz", "bench", "scripts"];

function newestSourceMs() {
  let newest = 0;
  for (const folder of sourceFolders) {
    for (const name of readdirSync(join(root, folder), { recursive: true })) {
      newest = Math.max(newest, statSync(join(root, folder, name)).mtimeMs);
    }
  }
  return newest;
}

const stamp = join(root, "dist", "seedis.js");
const ifStale = process.argv.includes("--if-stale");
if (!(ifStale && existsSync(stamp) && statSync(stamp).mtimeMs > newestSourceMs())) {
  const input = Object.fromEntries(
    Object.entries(entries).filter(([, path]) => existsSync(join(root, path))),
  );
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: "node",
    external: [/^node:/, "pino", "seedrandom", "fast-check"],
    optimization: { inlineConst: { mode: "all", pass: 3 } },
  });
  await bundle.write({
    dir: join(root, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name].js",
    sourcemap: false,
    minify: false,
    cleanDir: false,
  });
  await bundle.close();
}
