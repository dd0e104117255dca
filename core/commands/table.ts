// The command table of one node: the handlers of the family files joined with Redis's facts.
//
// Facts are shared and constant; a Command belongs to one table because it carries that node's
// statistics. A command without a handler does not exist for clients, so COMMAND COUNT tells what
// is implemented. A container ("client") exists when one of its subcommands does.
//
// `rename-command` changes under which name clients reach a command, nothing else: replies,
// statistics, ACL rules and the log keep using the full name.
import type { Args } from "../resp/args.ts";
import { asciiLower, toBytes } from "../util/bytes.ts";
import { WIDE_ZERO } from "../util/wide.ts";
import type { CommandEntry, Handler } from "./command.ts";
import { COMMAND_FACTS, type CommandFacts, type KeySpec } from "./command-facts.ts";
import { BLOCKING, FAST, ONLY_SENTINEL, QUICK_CATEGORIES, SENTINEL } from "./flags.ts";
import { NameIndex } from "./lookup.ts";

const BAR = 124;
const NO_SUBCOMMANDS: readonly Command[] = [];
const MEASURED_EVERY = 16;
const QUICK_BY_NAME: ReadonlySet<string> = new Set(["set", "ping", "echo", "select"]);

/** Which of the commands a node has. */
export type Mode = "normal" | "sentinel";

/** One command or subcommand of one node. */
export class Command implements CommandFacts {
  readonly id: number;
  /** "kill". */
  readonly name: string;
  /** "client|kill"; the same as `name` for a command that is no subcommand. */
  readonly fullName: string;
  readonly arity: number;
  readonly flags: number;
  readonly categories: number;
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  readonly tips: readonly string[];
  readonly keySpecs: readonly KeySpec[];
  readonly keyFinder: number;
  /** What executes it; null for a container that only its subcommands make useful. */
  readonly run: Handler | null;
  /** The command that this is a subcommand of. */
  readonly container: Command | null;
  /**
   * Works on data, never waits and does a bounded amount of work, as Redis's flag `fast` promises.
   * SET is one of them: it is not `fast` because the value that it replaces may be large. So are those
   * commands of connections that come in large numbers.
   */
  readonly isQuick: boolean;
  /** Sorted by name; empty unless this is a container. */
  subcommands: readonly Command[] = NO_SUBCOMMANDS;
  #subcommandIndex: NameIndex<Command> | null = null;

  /** Number of executions. */
  calls: number = WIDE_ZERO;
  /** Time spent in them. */
  microseconds: number = WIDE_ZERO;
  /** How long the last execution took, measured or estimated. */
  lastUs: number = WIDE_ZERO;
  /** Refused before execution: arity, permission, memory, state of the server. */
  rejectedCalls = 0;
  /** Executed and answered with an error. */
  failedCalls = 0;
  /** Counts per latency bucket; made by whoever records the first latency. */
  latencyHistogram: Float64Array | null = null;

  constructor(facts: CommandFacts, run: Handler | null, container: Command | null) {
    this.id = facts.id;
    this.fullName = facts.fullName;
    this.name = facts.fullName.slice(facts.fullName.indexOf("|") + 1);
    this.arity = facts.arity;
    this.flags = facts.flags;
    this.categories = facts.categories;
    this.firstKey = facts.firstKey;
    this.lastKey = facts.lastKey;
    this.keyStep = facts.keyStep;
    this.tips = facts.tips;
    this.keySpecs = facts.keySpecs;
    this.keyFinder = facts.keyFinder;
    this.run = run;
    this.container = container;
    this.isQuick =
      QUICK_BY_NAME.has(facts.fullName) ||
      ((facts.flags & (FAST | BLOCKING)) === FAST && (facts.categories & QUICK_CATEGORIES) !== 0);
    this.resetStatistics();
  }

  /** Makes this a container. Once, while the table is built. */
  contain(subcommands: readonly Command[]): void {
    this.subcommands = subcommands;
    this.#subcommandIndex = new NameIndex(subcommands.map((sub) => [sub.name, sub] as const));
  }

  /** The subcommand named by bytes[offset, offset+length) in any case, or null. */
  lookupSub(bytes: Uint8Array, offset: number, length: number): Command | null {
    return this.#subcommandIndex === null
      ? null
      : this.#subcommandIndex.find(bytes, offset, length);
  }

  /** True when a call of `count` arguments, the name included, has the right number of them. */
  takes(count: number): boolean {
    return this.arity >= 0 ? count === this.arity : count >= -this.arity;
  }

  /**
   * Quick, and measured lately: when scripts and transactions call it again, the last duration is as
   * good as a new one. Every 16th call is measured.
   */
  get isEstimable(): boolean {
    return this.isQuick && (this.calls & (MEASURED_EVERY - 1)) !== 0;
  }

  resetStatistics(): void {
    this.calls = 0;
    this.lastUs = 0;
    this.microseconds = 0;
    this.rejectedCalls = 0;
    this.failedCalls = 0;
    this.latencyHistogram = null;
  }
}

export class CommandTable {
  /** Commands (no subcommands) by the names that clients use now, in lower case. */
  readonly #byName: Map<string, Command> = new Map();
  #index: NameIndex<Command>;
  /** By the names they were born with. */
  readonly #originalIndex: NameIndex<Command>;
  #commands: readonly Command[];
  readonly #original: readonly Command[];

  /** Joins the families' entries with the facts. Entries of another mode are left out. */
  constructor(families: readonly (readonly CommandEntry[])[], mode: Mode = "normal") {
    const handlers = collectHandlers(families, mode);
    for (const [fullName, facts] of COMMAND_FACTS) {
      if (fullName.includes("|")) continue;
      const command = build(facts, handlers);
      if (command !== null) this.#byName.set(fullName, command);
    }
    this.#original = [...this.#byName.values()];
    this.#commands = this.#original;
    this.#originalIndex = new NameIndex(this.#byName);
    this.#index = this.#originalIndex;
  }

  /** The commands that clients can reach, without subcommands. */
  get commands(): readonly Command[] {
    return this.#commands;
  }

  /** The command named by bytes[offset, offset+length) in any case, or null. */
  lookup(bytes: Uint8Array, offset: number, length: number): Command | null {
    return this.#index.find(bytes, offset, length);
  }

  /**
   * The command that `args` calls, from argument `base` on: a subcommand when the command is a
   * container and there is a second argument. Null when there is no such command or subcommand.
   */
  resolve(args: Args, base = 0): Command | null {
    const { bytes, view } = args;
    const command = this.#index.findAgain(bytes, view, args.offset[base], args.length[base]);
    if (command === null || command.subcommands.length === 0) return command;
    if (args.count === base + 1) return command;
    return command.lookupSub(args.bytes, args.offset[base + 1], args.length[base + 1]);
  }

  /** The command with the full name ("get", "client|kill") in the bytes, in any case, or null. */
  lookupFullName(bytes: Uint8Array, offset: number, length: number): Command | null {
    return findFullName(this.#index, bytes, offset, length);
  }

  /** As `lookupFullName`, not knowing of `rename`: what ACL rules and rewritten commands mean. */
  lookupOriginal(bytes: Uint8Array, offset: number, length: number): Command | null {
    return findFullName(this.#originalIndex, bytes, offset, length);
  }

  /** `lookupOriginal` for a name in the program. */
  find(fullName: string): Command | null {
    return this.lookupOriginal(toBytes(fullName), 0, fullName.length);
  }

  /**
   * `rename-command from to`: clients reach `from` only as `to`, or not at all when `to` is empty.
   * Answers with the configuration error, empty when it is done.
   */
  rename(from: string, to: string): string {
    const oldName = asciiLower(from);
    const newName = asciiLower(to);
    const command = this.#byName.get(oldName);
    if (command === undefined) return "No such command in rename-command";
    if (newName !== oldName && this.#byName.has(newName)) {
      return "Target command name already exists";
    }
    this.#byName.delete(oldName);
    if (newName !== "") this.#byName.set(newName, command);
    this.#commands = [...this.#byName.values()];
    this.#index = new NameIndex(this.#byName);
    return "";
  }

  /** CONFIG RESETSTAT, this table's part. */
  resetStatistics(): void {
    for (const command of this.#original) {
      command.resetStatistics();
      for (const subcommand of command.subcommands) subcommand.resetStatistics();
    }
  }
}

function collectHandlers(
  families: readonly (readonly CommandEntry[])[],
  mode: Mode,
): ReadonlyMap<string, Handler> {
  const handlers = new Map<string, Handler>();
  for (const family of families) {
    for (const { name, run } of family) {
      const facts = COMMAND_FACTS.get(name);
      if (facts === undefined) throw new Error(`no facts of a command "${name}"`);
      if (!existsIn(facts, mode)) continue;
      if (handlers.has(name)) throw new Error(`two handlers of "${name}"`);
      handlers.set(name, run);
    }
  }
  return handlers;
}

function existsIn(facts: CommandFacts, mode: Mode): boolean {
  const bit = facts.flags & (SENTINEL | ONLY_SENTINEL);
  return mode === "sentinel" ? bit !== 0 : (bit & ONLY_SENTINEL) === 0;
}

/** The command with those of its subcommands that have handlers; null when nothing can run. */
function build(facts: CommandFacts, handlers: ReadonlyMap<string, Handler>): Command | null {
  const run = handlers.get(facts.fullName) ?? null;
  const command = new Command(facts, run, null);
  const subcommands: Command[] = [];
  for (const subFacts of SUBCOMMANDS.get(facts.fullName) ?? []) {
    const subRun = handlers.get(subFacts.fullName);
    if (subRun !== undefined) subcommands.push(new Command(subFacts, subRun, command));
  }
  if (subcommands.length > 0) command.contain(subcommands);
  return run === null && subcommands.length === 0 ? null : command;
}

/** Facts of the subcommands by container. */
const SUBCOMMANDS: ReadonlyMap<string, readonly CommandFacts[]> = groupSubcommands();

function groupSubcommands(): Map<string, CommandFacts[]> {
  const groups = new Map<string, CommandFacts[]>();
  for (const [fullName, facts] of COMMAND_FACTS) {
    const bar = fullName.indexOf("|");
    if (bar < 0) continue;
    const container = fullName.slice(0, bar);
    const group = groups.get(container);
    if (group === undefined) groups.set(container, [facts]);
    else group.push(facts);
  }
  return groups;
}

function findFullName(
  index: NameIndex<Command>,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Command | null {
  const end = offset + length;
  let bar = offset;
  while (bar < end && bytes[bar] !== BAR) bar++;
  if (bar === end) return index.find(bytes, offset, length);
  const container = index.find(bytes, offset, bar - offset);
  return container === null ? null : container.lookupSub(bytes, bar + 1, end - bar - 1);
}
