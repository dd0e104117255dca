// The import table of the project, and what the deterministic folders must never mention.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Folder → folders and packages it may import. */
const ALLOWED: Record<string, readonly string[]> = {
  core: ["core", "@noble/hashes/"],
  sim: ["core", "sim", "seedrandom"],
  net: ["core", "net", "node:"],
  server: ["core", "net", "sim", "server", "node:", "pino"],
};

/** Sources of time, chance and the outside world. */
const BANNED: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew Date\b/,
  /\bMath\.random\b/,
  /\bperformance\.now\b/,
  /\bprocess\./,
  /\bBuffer\./,
  /\bsetTimeout\b/,
  /\bsetImmediate\b/,
  /\bqueueMicrotask\b/,
  /\bPromise\b/,
  /\basync\b/,
  /\bIntl\b/,
  /\blocaleCompare\b/,
  /\btoLocale/,
  /\bWeakRef\b/,
  /\bFinalizationRegistry\b/,
  /\bimport\(/,
];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, folder, name));
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"/g)].map(
    (match) => match[1],
  );
}

/** The code without comments and strings: their words are free. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '""')
    .replace(/\/\/.*/g, "");
}

describe("imports", () => {
  for (const [folder, allowed] of Object.entries(ALLOWED)) {
    it(`${folder} imports only ${allowed.join(", ")}`, () => {
      const wrong: string[] = [];
      for (const file of sources(folder)) {
        for (const name of importsOf(readFileSync(file, "utf8"))) {
          const target = name.startsWith(".")
            ? relative(root, join(dirname(file), name)).split("/")[0]
            : name;
          const fits = allowed.some((entry) =>
            /[:/]$/.test(entry) ? target.startsWith(entry) : target === entry,
          );
          if (!fits) wrong.push(`${relative(root, file)} imports ${name}`);
        }
      }
      expect(wrong).toEqual([]);
    });
  }

  it("core has no import cycle at run time", () => {
    const graph = new Map<string, string[]>();
    for (const file of sources("core")) {
      const text = readFileSync(file, "utf8").replace(/import type [^;]*;/g, "");
      graph.set(
        file,
        importsOf(text)
          .filter((name) => name.startsWith("."))
          .map((name) => join(dirname(file), name)),
      );
    }
    const done = new Set<string>();
    const path: string[] = [];
    const visit = (file: string): string | null => {
      if (path.includes(file)) {
        return [...path.slice(path.indexOf(file)), file].map((f) => relative(root, f)).join(" → ");
      }
      if (done.has(file)) return null;
      path.push(file);
      for (const next of graph.get(file) ?? []) {
        const cycle = visit(next);
        if (cycle !== null) return cycle;
      }
      path.pop();
      done.add(file);
      return null;
    };
    for (const file of graph.keys()) expect(visit(file)).toBeNull();
  });
});

describe("determinism", () => {
  for (const folder of ["core", "sim"]) {
    it(`${folder} mentions no clock, chance or world`, () => {
      const found: string[] = [];
      for (const file of sources(folder)) {
        const code = codeOf(readFileSync(file, "utf8"));
        for (const pattern of BANNED) {
          if (pattern.test(code)) found.push(`${relative(root, file)}: ${pattern}`);
        }
      }
      expect(found).toEqual([]);
    });
  }
});
