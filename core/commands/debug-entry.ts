// The parts that DEBUG is put together from. DEBUG is one command for the table: its subcommands
// are looked up by debug.ts, by name and number of arguments, as in Redis.
import type { Handler } from "./command.ts";

/** A subcommand of DEBUG. */
export interface DebugEntry {
  /** In lower case. */
  readonly name: string;
  /** Number of arguments, DEBUG and the name included. */
  readonly countMin: number;
  readonly countMax: number;
  readonly run: Handler;
}

export function debugCommand(
  name: string,
  countMin: number,
  countMax: number,
  run: Handler,
): DebugEntry {
  return { name, countMin, countMax, run };
}

/** The integer at the start of a text, as C's atoi reads it. */
export function leadingInteger(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
}
