// Reading redis.conf: one directive a line, `#` opens a comment line, quotes as in quoting.ts.
// Later lines win; `save` lines add up; `include` reads other files in place.
//
// The files themselves, and what only other parts of the server know, come through ConfigSource. A
// failure is what Redis would print before it exits with code 1.
import { asciiLower } from "../util/bytes.ts";
import { REDIS_VERSION } from "../version.ts";
import { parseCommandLine } from "./command-line.ts";
import type { Config } from "./config.ts";
import type { Directive } from "./directive.ts";
import { findDirective, hasFlag } from "./lookup.ts";
import { isLocale } from "./parse.ts";
import { configFilePath } from "./path.ts";
import { splitArgs, trimLine } from "./quoting.ts";
import type { ConfigValues } from "./values.ts";

/** A file that a name or glob pattern stands for: its text, or why it cannot be read. */
export type ConfigFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly error: string };

/** What reading a configuration needs from outside; errors are texts such as "No such file or directory". */
export interface ConfigSource {
  /**
   * The files that `pattern` means in the working directory: with glob characters all that match,
   * sorted, possibly none; without, exactly one. Missing: no file can be read.
   */
  readonly readFiles?: (pattern: string, directory: string) => readonly ConfigFile[];
  readonly readStandardInput?: () => string;
  /** Changes the working directory. Missing: any directory will do. */
  readonly enterDirectory?: (path: string) => string | null;
  /** Opens the log file once, to see that it can be. Missing: it can. */
  readonly tryLogFile?: (path: string) => string | null;
  /** Whether `rename-command` can find a command. Missing: every name is a command. */
  readonly isCommand?: (name: string) => boolean;
  /**
   * Checks a `user` line (all its arguments, `user` included): null, or the index of the argument
   * to quote and the reason. Missing: every line is good.
   */
  readonly checkUser?: (args: readonly string[]) => { argument: number; reason: string } | null;
  /** A line for the log, at the level of warnings. */
  readonly warn?: (message: string) => void;
}

/**
 * Why the server cannot start. `output` is for standard error as it is; `log` is a line for the log
 * at the level of warnings.
 */
export type LoadFailure = { readonly output: string } | { readonly log: string };

/** Files may include each other this deep; a file that includes itself gets here. */
const INCLUDE_DEPTH_MAX = 64;
/** Accepted and ignored: directives of the past, with one argument. */
const DEPRECATED = ["list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands"];

/** The message of a line that cannot be accepted, as standard error shows it. */
export function fatalConfigError(reason: string, lineNumber: number, line: string): string {
  return (
    `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\n` +
    `Reading the configuration file, at line ${lineNumber}\n` +
    `>>> '${line}'\n${reason}\n`
  );
}

/** As above, for what is wrong with the configuration as a whole. */
function fatalConfigurationError(reason: string): string {
  return `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\n${reason}\n`;
}

export function loadArguments(
  config: Config,
  args: readonly string[],
  source: ConfigSource,
): LoadFailure | null {
  const { configFile, standardInput, options } = parseCommandLine(args);
  if (options === null) return null;
  if (configFile !== "") config.configFile = configFilePath(config.values.dir, configFile);
  const file = configFile === "" ? "" : readFiles(config, config.configFile, source);
  if (typeof file !== "string") return file;
  const input = standardInput ? (source.readStandardInput?.() ?? "") : "";
  return loadText(config, `${file}${input}\n${options}`, source);
}

export function loadText(config: Config, text: string, source: ConfigSource): LoadFailure | null {
  const failure = new Loader(config, source).load(text, 0);
  config.setReadingFile(false);
  return failure ?? checkLocale(config);
}

/** Redis finds this out later in its start than all the rest. */
function checkLocale(config: Config): LoadFailure | null {
  if (isLocale(config.values.localeCollate)) return null;
  return { log: "Failed to configure LOCALE for invalid locale name." };
}

/** The files' texts in a row, with nothing in between. */
function readFiles(config: Config, pattern: string, source: ConfigSource): string | LoadFailure {
  const missing = [{ path: pattern, error: "No such file or directory" }];
  let text = "";
  for (const file of source.readFiles?.(pattern, config.values.dir) ?? missing) {
    if ("error" in file) {
      return { log: `Fatal error, can't open config file '${file.path}': ${file.error}` };
    }
    text += file.text;
  }
  return text;
}

class Loader {
  readonly #config: Config;
  readonly #source: ConfigSource;
  /** What `rename-command` has made of the command table: names taken away and names given. */
  readonly #removed: Set<string> = new Set();
  readonly #added: Set<string> = new Set();

  constructor(config: Config, source: ConfigSource) {
    this.#config = config;
    this.#source = source;
  }

  load(text: string, depth: number): LoadFailure | null {
    const config = this.#config;
    config.setReadingFile(true);
    const end = text.indexOf("\0");
    const lines = (end < 0 ? text : text.slice(0, end)).split("\n");
    for (const [index, untrimmed] of lines.entries()) {
      const line = trimLine(untrimmed);
      if (line === "" || line.startsWith("#")) continue;
      const failure = this.#line(line, index + 1, depth);
      if (typeof failure === "string")
        return { output: fatalConfigError(failure, index + 1, line) };
      if (failure !== null) return failure;
    }
    const failure = this.#check();
    // Like Redis, the end of an included file counts as the end of the configuration: each `save`
    // line behind an `include` replaces the ones before.
    config.setReadingFile(false);
    return failure === null ? null : { output: fatalConfigurationError(failure) };
  }

  /** Null, the reason to refuse the line, or the failure of an included file. */
  #line(line: string, lineNumber: number, depth: number): string | LoadFailure | null {
    const args = splitArgs(line);
    if (args === null) return "Unbalanced quotes in configuration line";
    if (args.length === 0) return null;
    args[0] = asciiLower(args[0]);
    const [name] = args;
    if (findDirective(name) !== undefined) return this.#directive(args);
    if (DEPRECATED.includes(name) && args.length === 2) return null;
    if (name === "include" && args.length === 2) return this.#include(args[1], depth);
    if (name === "rename-command" && args.length === 3) return this.#rename(args[1], args[2]);
    if (name === "user" && args.length >= 2) return this.#user(args);
    if (name === "loadmodule" && args.length >= 2) {
      this.#config.modules.push(args.slice(1));
      return null;
    }
    if (name.includes(".")) return this.#moduleSetting(args);
    if (name === "sentinel") return this.#sentinel(args, lineNumber, line);
    return "Bad directive or wrong number of arguments";
  }

  #directive(args: readonly string[]): string | null {
    const { directive } = findDirective(args[0])!;
    let values = args.slice(1);
    if (!hasFlag(directive, "multi-arg")) {
      if (values.length !== 1) return "wrong number of arguments";
    } else if (values.length === 1 && values[0] !== "") {
      // "a b" in quotes is the same as a b, so that a command line can pass it as one word.
      values = splitArgs(values[0]) ?? [];
    }
    if (directive.name === "dir") {
      const refusal = this.#source.enterDirectory?.(values[0]) ?? null;
      if (refusal !== null) return refusal;
    }
    const refusal = this.#config.assign(args[0], values);
    if (refusal === null) warnOfScores(directive, this.#config.values, this.#source.warn);
    return refusal;
  }

  #include(pattern: string, depth: number): string | LoadFailure | null {
    if (depth >= INCLUDE_DEPTH_MAX) return "Too many levels of include";
    const text = readFiles(this.#config, pattern, this.#source);
    return typeof text === "string" ? this.load(text, depth + 1) : text;
  }

  #rename(from: string, to: string): string | null {
    const name = asciiLower(from);
    if (!this.#isCommand(name)) return "No such command in rename-command";
    this.#removed.add(name);
    this.#added.delete(name);
    const target = asciiLower(to);
    if (to !== "") {
      const taken =
        this.#source.isCommand === undefined ? this.#added.has(target) : this.#isCommand(target);
      if (taken) return "Target command name already exists";
      this.#removed.delete(target);
      this.#added.add(target);
    }
    this.#config.renamedCommands.push({ from, to });
    return null;
  }

  #isCommand(name: string): boolean {
    if (this.#added.has(name)) return true;
    if (this.#removed.has(name)) return false;
    return this.#source.isCommand?.(name) ?? true;
  }

  #user(args: readonly string[]): string | null {
    const refusal = this.#source.checkUser?.(args) ?? null;
    if (refusal !== null) {
      return `Error in user declaration '${args[refusal.argument]}': ${refusal.reason}`;
    }
    this.#config.users.push(args.slice(1));
    return null;
  }

  #moduleSetting(args: readonly string[]): string | null {
    if (args.length < 2) return "Module config specified without value";
    this.#config.moduleSettings.set(args[0], args.slice(1).join(" "));
    return null;
  }

  /** `sentinel` alone is what `--sentinel` leaves behind. */
  #sentinel(args: readonly string[], lineNumber: number, line: string): string | null {
    if (args.length === 1) return null;
    if (!this.#config.sentinel) return "sentinel directive while not in sentinel mode";
    this.#config.sentinelLines.push({ args: args.slice(1), lineNumber, line });
    return null;
  }

  /** What can only be judged when all lines have been read. */
  #check(): string | null {
    const { values } = this.#config;
    if (values.logfile !== "") {
      const refusal = this.#source.tryLogFile?.(values.logfile) ?? null;
      if (refusal !== null) return `Can't open the log file: ${refusal}`;
    }
    if (!values.clusterEnabled) return null;
    if (values.replicaof !== null) return "replicaof directive not allowed in cluster mode";
    if (values.databases > 1) {
      const change = `Changing databases number from ${values.databases} to 1`;
      this.#source.warn?.(`WARNING: ${change} since we are in cluster mode`);
      this.#config.assign("databases", ["1"]);
    }
    return null;
  }
}

/** A child that is less likely to be killed than its parent is accepted, but hardly meant. */
export function warnOfScores(
  directive: Directive,
  values: ConfigValues,
  warn: ((message: string) => void) | undefined,
): void {
  const [primary, replica, child] = values.oomScoreAdjValues;
  if (directive.name !== "oom-score-adj-values" || (replica >= primary && child >= replica)) return;
  warn?.(
    "The oom-score-adj-values configuration may not work for non-privileged processes! " +
      "Please consult the documentation.",
  );
}
