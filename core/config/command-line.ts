// The command line, as Redis 7 reads it: `seedis [file] [-] [--directive value …]`. Directives
// are turned into lines of configuration that are read behind the file and standard input.
//
// An argument that starts with `--` opens a line, unless the directive before it still has no
// value: then it is that value (`--proc-title-template --x`). Two directives may go without one:
// `--save --port 1` means `--save "" --port 1`, and `--sentinel` takes none.
import { asciiLower } from "../util/bytes.ts";
import { quoted } from "../util/quoted.ts";
import { splitArgs } from "./quoting.ts";

export interface CommandLine {
  /** Something else than starting a server was asked for, by the first argument. */
  readonly action: "run" | "version" | "help" | "test-memory" | "check-system";
  /** "" when none is given. */
  readonly configFile: string;
  /** Read configuration from standard input as well. */
  readonly standardInput: boolean;
  /** Lines of configuration; null when there are no arguments at all. */
  readonly options: string | null;
  readonly sentinel: boolean;
}

const ACTIONS: ReadonlyMap<string, CommandLine["action"]> = new Map([
  ["-v", "version"],
  ["--version", "version"],
  ["-h", "help"],
  ["--help", "help"],
  ["--test-memory", "test-memory"],
  ["--check-system", "check-system"],
]);

/** Reads the arguments, without the program's own name; text of one character per byte. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const hasFile = args.length > 0 && !args[0].startsWith("-");
  const parsed = parseOptions(args, hasFile ? 1 : 0);
  return {
    action: ACTIONS.get(args[0] ?? "") ?? "run",
    configFile: hasFile ? args[0] : "",
    standardInput: parsed.standardInput,
    options: args.length === 0 ? null : parsed.options,
    sentinel: args.includes("--sentinel"),
  };
}

function parseOptions(
  args: readonly string[],
  from: number,
): { options: string; standardInput: boolean } {
  let options = "";
  let standardInput = false;
  let valueSeen = true;
  for (let i = from; i < args.length; i++) {
    const arg = args[i];
    if (arg === "-" && (i === 0 || i === args.length - 1)) {
      standardInput = true;
    } else if (valueSeen && arg.startsWith("--")) {
      if (options !== "") options += "\n";
      options += `${arg.slice(2)} `;
      const nameOnly = splitArgs(arg)?.length === 1;
      const optional = nameOnly ? withoutValue(arg, args[i + 1]) : null;
      options += optional ?? "";
      valueSeen = !nameOnly || (optional !== null && i + 1 < args.length);
    } else {
      options += `${quoted(arg)} `;
      valueSeen = true;
    }
  }
  return { options, standardInput };
}

/** What stands for the value of a directive that has none, or null when it must have one. */
function withoutValue(arg: string, next: string | undefined): string | null {
  if (next !== undefined && !next.startsWith("--")) return null;
  const name = asciiLower(arg);
  if (name === "--save") return '""';
  return name === "--sentinel" ? "" : null;
}
