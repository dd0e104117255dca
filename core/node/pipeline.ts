// The commands that a client has sent at once, parsed a few at a time before the first of them runs, so
// that what their keys need is fetched for all of them together (core/memory/look-ahead.ts). Only commands
// in the usual form are read ahead; the dispatcher executes them one by one, as if each had just been read.
import type { Command, CommandTable } from "../commands/table.ts";
import type { Database } from "../keyspace/database.ts";
import type { LookAhead } from "../memory/look-ahead.ts";
import { Args } from "../resp/args.ts";
import type { RequestParser } from "../resp/request-parser.ts";

/** More of them fetch nothing faster, and need more room in the cache themselves. */
const COMMANDS_MAX = 8;

/** When commands are read ahead. */
export interface ReadAhead {
  /** Number of keys that a database must have. Of fewer most is in the processor's cache anyway. */
  readonly keysMin: number;
  /** When a client has sent hardly a key to fetch, it is left alone for so many times: so will others. */
  readonly pauseEvents: number;
}

export const READ_AHEAD: ReadAhead = { keysMin: 8192, pauseEvents: 31 };

export class Pipeline {
  readonly #table: CommandTable;
  readonly #ahead: LookAhead;
  readonly #when: ReadAhead;
  readonly #args: Args[] = Array.from({ length: COMMANDS_MAX }, () => new Args());
  readonly #commands: (Command | null)[] = new Array<Command | null>(COMMANDS_MAX).fill(null);
  readonly #starts: Int32Array = new Int32Array(COMMANDS_MAX);
  readonly #ends: Int32Array = new Int32Array(COMMANDS_MAX);
  #count = 0;
  /** The next one to run. */
  #next = 0;
  /** So many times it is not worthwhile. */
  #pausedFor = 0;
  /** Nothing has been read since that was asked. */
  #isFirst = false;

  constructor(table: CommandTable, ahead: LookAhead, when: ReadAhead) {
    this.#table = table;
    this.#ahead = ahead;
    this.#when = when;
  }

  /** Whether to look ahead in what a client has sent, whose database this is. */
  isWorthwhile(db: Database): boolean {
    this.#isFirst = true;
    if (this.#pausedFor === 0) return db.size >= this.#when.keysMin;
    this.#pausedFor--;
    return false;
  }

  /**
   * The number of the next command in bytes[parser.position, end), or -1 when it is not in the usual form.
   * `parser` stands behind the command then.
   */
  next(
    parser: RequestParser,
    bytes: Uint8Array,
    view: DataView,
    end: number,
    db: Database,
  ): number {
    if (this.#next === this.#count) {
      if (parser.position === end) return -1;
      this.#read(parser, bytes, view, end, db);
      if (this.#count === 0) return -1;
    }
    const index = this.#next++;
    parser.start = this.#starts[index];
    parser.position = this.#ends[index];
    return index;
  }

  args(index: number): Args {
    return this.#args[index];
  }

  command(index: number): Command | null {
    return this.#commands[index];
  }

  /** Forgets what was read and has not run. */
  clear(): void {
    this.#count = 0;
    this.#next = 0;
    this.#ahead.clear();
  }

  /** Forgets the bytes it was read from, too. */
  release(): void {
    this.clear();
    this.#ahead.release();
    for (const args of this.#args) args.release();
  }

  #read(parser: RequestParser, bytes: Uint8Array, view: DataView, end: number, db: Database): void {
    const ahead = this.#ahead;
    const start = parser.position;
    this.#next = 0;
    ahead.begin(view);
    let count = 0;
    while (count < COMMANDS_MAX && !ahead.isFull) {
      const args = this.#args[count];
      this.#starts[count] = parser.position;
      if (!parser.parseShort(args, bytes, view, end)) break;
      this.#ends[count] = parser.position;
      const command = this.#table.resolve(args);
      if (this.#commands[count] !== command) this.#commands[count] = command;
      count++;
      if (command !== null && command.firstKey > 0 && command.takes(args.count)) {
        addKeys(args, command, db);
      }
    }
    this.#count = count;
    parser.position = start;
    if (ahead.count > 1) db.keyspace.dicts.fetch(db.dict);
    // A single command tells nothing about others.
    if (this.#isFirst && count !== 1 && ahead.count <= count >> 1) {
      this.#pausedFor = this.#when.pauseEvents;
    }
    this.#isFirst = false;
  }
}

/** Adds the keys of a command that are to be found by their hashes. */
function addKeys(args: Args, command: Command, db: Database): void {
  const { dicts } = db.keyspace;
  const { view, offset, length } = args;
  const last = command.lastKey < 0 ? args.count + command.lastKey : command.lastKey;
  for (let i = command.firstKey; i <= last && !dicts.ahead.isFull; i += command.keyStep) {
    if (!db.comesAgain(args, i)) dicts.lookAhead(view, offset[i], length[i]);
  }
}
