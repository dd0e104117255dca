// The configuration of one node: every directive's current value, CONFIG GET and SET, and the way
// in from redis.conf and the command line (load.ts) and out again (rewrite.ts).
//
// A value is kept twice: as the text that CONFIG GET shows, with all 64 bits of a number, and as a
// field of `values` for the code that reads it often: `config.values.maxmemory`. `version` changes
// with every change, for code that caches something derived from several values.
//
// Nothing here has an effect outside. Whoever calls `set` passes an `apply` function, which is told
// what changed and may refuse (a port in use); everything is then put back.
import { globMatchText } from "../util/glob.ts";
import { applyGroups } from "./apply.ts";
import type { Directive } from "./directive.ts";
import { DIRECTIVES } from "./directives.ts";
import type { ConfigSource, LoadFailure } from "./load.ts";
import { loadArguments, loadText, warnOfScores } from "./load.ts";
import type { NamedDirective } from "./lookup.ts";
import { findDirective, hasFlag, isAllowed, NAMED_DIRECTIVES } from "./lookup.ts";
import type { Parsed } from "./parse.ts";
import { parseValue } from "./parse.ts";
import { resolvePath } from "./path.ts";
import type { RewriteContext } from "./rewrite.ts";
import { rewriteConfig } from "./rewrite.ts";
import { ConfigValues } from "./values.ts";

export interface ConfigOptions {
  /** The working directory at start, absolute: the first value of `dir`. */
  readonly directory?: string;
  /** Sentinel mode: port 26379 unless configured, no protected mode, `sentinel` lines allowed. */
  readonly sentinel?: boolean;
}

/** Who sends CONFIG SET, and in what state the node is. */
export interface SetContext {
  /** The client is connected over loopback or a unix socket. */
  readonly localClient: boolean;
  /** The data set is being loaded. */
  readonly loading: boolean;
  /**
   * Puts changes into effect: called with the names of directives that belong together (one, or
   * several such as those of TLS), which already have their new values. Answers null, or why it
   * cannot be done; then it is called again for what was done, with the old values in place.
   */
  readonly apply: (names: readonly string[]) => string | null;
  /** A line for the log, at the level of warnings. */
  readonly warn?: (message: string) => void;
}

/** What CONFIG SET comes to: the changed directives, or a whole error reply. */
export type SetResult = { readonly changed: readonly string[] } | { readonly error: string };

/** `rename-command`; an empty `to` removes the command. */
export interface RenamedCommand {
  readonly from: string;
  readonly to: string;
}

/** A `sentinel` line of the configuration file, for the Sentinel to interpret. */
export interface SentinelLine {
  /** The arguments behind the word `sentinel`. */
  readonly args: readonly string[];
  readonly lineNumber: number;
  /** The whole line, as an error message quotes it. */
  readonly line: string;
}

const HZ_MIN = 1;
const HZ_MAX = 500;
const REPL_BACKLOG_BYTES_MIN = 16 * 1024;
const LOADING_ERROR = "LOADING Redis is loading the dataset in memory";

export class Config {
  readonly values: ConfigValues = new ConfigValues();
  readonly sentinel: boolean;
  /** Counts changes. */
  version = 0;
  /** Absolute path of the file named on the command line, or "": what CONFIG REWRITE rewrites. */
  configFile = "";

  // What only a configuration file can say, in the order of the file.
  readonly renamedCommands: RenamedCommand[] = [];
  /** `user` lines: name and rules. */
  readonly users: string[][] = [];
  /** `loadmodule` lines: path and arguments. */
  readonly modules: string[][] = [];
  /** Directives with a dot in their name, which belong to modules. */
  readonly moduleSettings: Map<string, string> = new Map();
  readonly sentinelLines: SentinelLine[] = [];

  readonly #texts: Map<string, string> = new Map();
  #readingFile = false;
  #savePointsLoaded = false;

  constructor(options: ConfigOptions = {}) {
    this.sentinel = options.sentinel ?? false;
    for (const directive of DIRECTIVES) this.#texts.set(directive.name, directive.default);
    if (options.directory !== undefined) this.setDirectory(options.directory);
    if (this.sentinel) {
      this.assign("port", ["26379"]);
      this.assign("protected-mode", ["no"]);
    }
  }

  /** The value as CONFIG GET shows it; null for a name that is none. */
  text(name: string): string | null {
    const found = findDirective(name);
    return found === undefined ? null : this.#text(found.directive);
  }

  #text(directive: Directive): string {
    return this.#texts.get(directive.name)!;
  }

  /**
   * CONFIG GET: names and values, each name once. A name without glob characters is answered as it
   * was spelled and may be a hidden directive. (Redis answers in the order of a hash table; here it
   * is the order of the patterns, and within one the alphabet.)
   */
  get(patterns: readonly string[]): [name: string, value: string][] {
    const matches = new Map<string, [string, string]>();
    const add = (shown: string, { name, directive }: NamedDirective): void => {
      if (!matches.has(name)) matches.set(name, [shown, this.#text(directive)]);
    };
    for (const pattern of patterns) {
      if (!/[[*?]/.test(pattern)) {
        const found = findDirective(pattern);
        if (found !== undefined) add(pattern, found);
        continue;
      }
      for (const named of NAMED_DIRECTIVES) {
        if (hasFlag(named.directive, "hidden")) continue;
        if (globMatchText(pattern, named.name, true)) add(named.name, named);
      }
    }
    return [...matches.values()];
  }

  /** CONFIG SET: all of the pairs, or none of them and an error. */
  set(pairs: readonly (readonly [name: string, value: string])[], context: SetContext): SetResult {
    const chosen: NamedDirective[] = [];
    for (const [name] of pairs) {
      const found = this.#choose(name, chosen, context);
      if (typeof found === "string") return { error: found };
      chosen.push(found);
    }
    const before = chosen.map(({ directive }) => this.#state(directive));
    const changed: string[] = [];
    for (const [index, { name, directive }] of chosen.entries()) {
      const parsed = this.#parse(directive, argumentsOf(directive, pairs[index][1]));
      if (typeof parsed === "string") {
        this.#restore(chosen, before);
        return { error: failed(name, parsed) };
      }
      if (this.#store(directive, parsed)) changed.push(directive.name);
      warnOfScores(directive, this.values, context.warn);
    }
    this.#boundHz();
    if (changed.includes("repl-backlog-size")) this.#boundBacklog();
    const refusal = this.#apply(changed, context, () => this.#restore(chosen, before));
    return refusal === null ? { changed: [...new Set(changed)] } : { error: refusal };
  }

  /** The directive to set, or the error reply that says why it cannot be set now. */
  #choose(
    name: string,
    chosen: readonly NamedDirective[],
    context: SetContext,
  ): NamedDirective | string {
    const found = findDirective(name);
    if (found === undefined) {
      return `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
    }
    const { directive } = found;
    if (hasFlag(directive, "immutable")) return failed(name, "can't set immutable config");
    const allowed = isAllowed(this.values.enableProtectedConfigs, context.localClient);
    if (hasFlag(directive, "protected") && !allowed) {
      return failed(name, "can't set protected config");
    }
    if (context.loading && hasFlag(directive, "deny-loading")) return LOADING_ERROR;
    // A directive and its alias may both be given: the last one counts.
    if (chosen.includes(found)) return failed(name, "duplicate parameter");
    return found;
  }

  #apply(changed: readonly string[], context: SetContext, restore: () => void): string | null {
    const groups = applyGroups(changed);
    for (const [index, names] of groups.entries()) {
      const refusal = context.apply(names);
      if (refusal === null) continue;
      restore();
      for (const done of groups.slice(0, index + 1)) context.apply(done);
      return failed(names[0], refusal);
    }
    return null;
  }

  /**
   * Sets a directive from inside the node, whatever its flags say, with one argument or, for those
   * that take several, each on its own. Null, or why the value is refused.
   */
  assign(name: string, args: readonly string[]): string | null {
    const found = findDirective(name);
    if (found === undefined) return "Bad directive or wrong number of arguments";
    const parsed = this.#parse(found.directive, args);
    if (typeof parsed === "string") return parsed;
    this.#store(found.directive, parsed);
    if (this.#readingFile && found.directive.name === "save") this.#savePointsLoaded = true;
    return null;
  }

  /** Notes which primary the node follows now: REPLICAOF, a failover. Null: it is a primary. */
  setReplicaOf(host: string | null, port: number): void {
    this.assign("replicaof", host === null ? ["no", "one"] : [host, `${port}`]);
  }

  /** Notes the working directory's real path, once the host has changed to it. */
  setDirectory(path: string): void {
    this.assign("dir", [resolvePath("/", path)]);
  }

  /** Reads the text of a configuration file into this configuration; null, or why it cannot start. */
  loadText(text: string, source: ConfigSource = {}): LoadFailure | null {
    return loadText(this, text, source);
  }

  /** Reads the command line (without the program's name) and the file it names. */
  loadArgs(args: readonly string[], source: ConfigSource = {}): LoadFailure | null {
    return loadArguments(this, args, source);
  }

  /** CONFIG REWRITE: the new text of the configuration file, made from its old text. */
  rewrite(oldText: string, context: RewriteContext): string {
    return rewriteConfig(this, oldText, context);
  }

  /** A file begins or ends: within it, `save` lines add up. */
  setReadingFile(reading: boolean): void {
    this.#readingFile = reading;
    if (!reading) this.#boundHz();
  }

  #parse(directive: Directive, args: readonly string[]): Parsed | string {
    return parseValue(directive, args, {
      values: this.values,
      text: this.#text(directive),
      sentinel: this.sentinel,
      running: !this.#readingFile,
      appendSavePoints: this.#readingFile && this.#savePointsLoaded,
    });
  }

  /** Stores a value; true when that is a change which must be put into effect. */
  #store(directive: Directive, { text, value }: Parsed): boolean {
    const same = this.#text(directive) === text;
    this.#texts.set(directive.name, text);
    // The one place that writes the fields, which are read-only for everybody else.
    (this.values as unknown as Record<string, unknown>)[directive.field] = value;
    this.version++;
    return !same || hasFlag(directive, "volatile") || isAlwaysApplied(directive);
  }

  #state(directive: Directive): Parsed {
    return { text: this.#text(directive), value: this.values[directive.field] };
  }

  #restore(chosen: readonly NamedDirective[], before: readonly Parsed[]): void {
    for (const [index, { directive }] of chosen.entries()) this.#store(directive, before[index]);
  }

  /** `hz` is a hint: out of bounds it is accepted and moved to the bound. */
  #boundHz(): void {
    const hz = Math.min(Math.max(this.values.hz, HZ_MIN), HZ_MAX);
    if (hz !== this.values.hz) this.assign("hz", [`${hz}`]);
  }

  /** Too small a backlog is made larger, though only by CONFIG SET; a file is taken at its word. */
  #boundBacklog(): void {
    if (this.values.replBacklogSize >= REPL_BACKLOG_BYTES_MIN) return;
    this.assign("repl-backlog-size", [`${REPL_BACKLOG_BYTES_MIN}`]);
  }
}

/** Structured values are applied again even when they come out the same; Redis does not compare. */
function isAlwaysApplied(directive: Directive): boolean {
  return directive.type === "special" && directive.name !== "oom-score-adj-values";
}

/** CONFIG SET gives one string per directive; where several arguments go, spaces separate them. */
function argumentsOf(directive: Directive, value: string): string[] {
  if (!hasFlag(directive, "multi-arg")) return [value];
  return value === "" ? [] : value.split(" ");
}

function failed(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
}
