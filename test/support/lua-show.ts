// Lua expressions and what they give, as text: `show("string.rep('x', 2)")` is `"xx"`. Results are
// separated by spaces, tables list their entries in the order of `next`; an error is "error: " and its
// message without the position.
import { formatNumber } from "../../core/script/lib/number-format.ts";
import { openLibraries } from "../../core/script/lib/open.ts";
import { LuaError } from "../../core/script/lua/error.ts";
import { Runtime } from "../../core/script/lua/runtime.ts";
import { LuaTable } from "../../core/script/lua/table.ts";
import { all, type LuaValue, type Results } from "../../core/script/lua/value.ts";

const DEPTH_MAX = 3;

const runtime = new Runtime();
openLibraries(runtime);

/** Evaluates on fast bodies or, in small steps, on generators; always in the same interpreter. */
export function show(expression: string, mode: "fast" | "steps" = "fast"): string {
  try {
    const results = evaluate(expression, mode);
    return all(results)
      .map((value) => textOf(value, 0))
      .join(" ");
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    return `error: ${String(error.value).replace(/^user_script:\d+: /, "")}`;
  }
}

/** Statements that end with a "return" come as they are. */
function evaluate(expression: string, mode: "fast" | "steps"): Results {
  const isStatement = /^(?:local|for|return|if|do)\b/.test(expression);
  const main = runtime.compile(isStatement ? expression : `return ${expression}`, "@user_script");
  if (mode === "fast") return runtime.run(main, []);
  const run = runtime.start(main, []);
  while (!run.step(50));
  return run.results;
}

function textOf(value: LuaValue, depth: number): string {
  if (value === undefined) return "nil";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return String(value);
  if (!(value instanceof LuaTable)) return runtime.typeName(value);
  if (depth > DEPTH_MAX) return "{...}";
  const entries: string[] = [];
  for (let i = value.nextIndex(-1); i >= 0; i = value.nextIndex(i)) {
    const key = textOf(value.keyAt(i), depth + 1);
    entries.push(`[${key}]=${textOf(value.valueAt(i), depth + 1)}`);
  }
  return `{${entries.join(" ")}}`;
}

/** Quotes, backslashes and what is not printable as three decimal digits. */
function quoted(text: string): string {
  const escaped = text.replace(
    /[^ !#-[\]-~]/g,
    (character) => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`,
  );
  return `"${escaped}"`;
}
