// What a configuration directive is: the shape of the rows in directives.ts (generated) and of the
// structured values that some directives have.
import type { ConfigField } from "./values.ts";

/**
 * - immutable: only set at start, never by CONFIG SET
 * - multi-arg: takes several arguments; CONFIG SET splits its one string at spaces
 * - hidden: shown by CONFIG GET under its exact name only
 * - sensitive: its value is kept out of logs, SLOWLOG and MONITOR
 * - protected: CONFIG SET needs `enable-protected-configs`
 * - deny-loading: CONFIG SET is refused while the data set is loading
 * - volatile: names a file, so that setting it to the same name again counts as a change
 * - binary: a string that may hold zero bytes
 */
export type DirectiveFlag =
  | "immutable"
  | "multi-arg"
  | "hidden"
  | "sensitive"
  | "protected"
  | "deny-loading"
  | "volatile"
  | "binary";

interface Common {
  readonly name: string;
  /** An older name of the same directive, or "". */
  readonly alias: string;
  readonly field: ConfigField;
  /** As CONFIG GET shows it. */
  readonly default: string;
  readonly flags: readonly DirectiveFlag[];
}

export interface BoolDirective extends Common {
  readonly type: "bool";
}

export interface EnumDirective extends Common {
  readonly type: "enum";
  /** With the flag multi-arg several may be given, and the first one stands for "none". */
  readonly values: readonly string[];
  /** Words that are accepted and mean one of the other words. */
  readonly synonyms: Readonly<Record<string, string>>;
}

/** memory: "10mb"; memory-percent: also "5%", kept as a negative number; octal: "755". */
export type NumberUnit = "integer" | "memory" | "memory-percent" | "octal";

export interface NumberDirective extends Common {
  readonly type: "number";
  readonly unit: NumberUnit;
  /** Whether bounds are compared as unsigned 64-bit numbers. */
  readonly sign: "signed" | "unsigned";
  readonly min: bigint;
  readonly max: bigint;
}

export interface StringDirective extends Common {
  readonly type: "string";
  /** empty-is-null: "" means "not set", and CONFIG REWRITE leaves the directive out. */
  readonly empty: "empty-is-null" | "empty-is-text";
}

/** A directive with a form of its own; special.ts knows each by name. */
export interface SpecialDirective extends Common {
  readonly type: "special";
}

export type Directive =
  | BoolDirective
  | EnumDirective
  | NumberDirective
  | StringDirective
  | SpecialDirective;

// The rows of the table begin with the same columns: name, alias, field, default, flags.
type Columns = [
  name: string,
  alias: string,
  field: ConfigField,
  initial: string,
  flags: DirectiveFlag[],
];

export function bool(...[name, alias, field, initial, flags]: Columns): BoolDirective {
  return { type: "bool", name, alias, field, default: initial, flags };
}

export function choice(
  ...[name, alias, field, initial, flags, values, synonyms]: [
    ...Columns,
    values: string[],
    synonyms: Record<string, string>,
  ]
): EnumDirective {
  return { type: "enum", name, alias, field, default: initial, flags, values, synonyms };
}

export function number(
  ...[name, alias, field, initial, flags, unit, sign, min, max]: [
    ...Columns,
    unit: NumberUnit,
    sign: "signed" | "unsigned",
    min: bigint,
    max: bigint,
  ]
): NumberDirective {
  return { type: "number", name, alias, field, default: initial, flags, unit, sign, min, max };
}

export function string(
  ...[name, alias, field, initial, flags, empty]: [
    ...Columns,
    empty: "empty-is-null" | "empty-is-text",
  ]
): StringDirective {
  return { type: "string", name, alias, field, default: initial, flags, empty };
}

export function special(...[name, alias, field, initial, flags]: Columns): SpecialDirective {
  return { type: "special", name, alias, field, default: initial, flags };
}

/** `save`: a snapshot is due when this many changes have waited for this long. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** A client is closed above `hardBytes` of waiting replies, or above `softBytes` for `softSeconds`. */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** `client-output-buffer-limit` by kind of client. 0 means no limit. */
export interface OutputBufferLimits {
  readonly normal: OutputBufferLimit;
  readonly replica: OutputBufferLimit;
  readonly pubsub: OutputBufferLimit;
}

/** `replicaof`. */
export interface PrimaryAddress {
  readonly host: string;
  readonly port: number;
}
