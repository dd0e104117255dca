// From argument strings to the value of a directive: for the four general types here, for those
// with a form of their own in special.ts. Refusals are Redis's texts.
import { asciiLower } from "../util/bytes.ts";
import type {
  BoolDirective,
  Directive,
  EnumDirective,
  NumberDirective,
  StringDirective,
} from "./directive.ts";
import {
  formatMemory,
  parseCanonicalInteger,
  parseLeadingInteger,
  parseMemory,
} from "./numbers.ts";
import { isProcTitleTemplate } from "./proc-title.ts";
import { parseSpecial } from "./special.ts";
import type { ConfigField, ConfigValues } from "./values.ts";

/** A value in the two forms that are kept: as CONFIG GET shows it, and as the code reads it. */
export interface Parsed {
  readonly text: string;
  readonly value: ConfigValues[ConfigField];
}

/** What the meaning of an argument may depend on. */
export interface ParseContext {
  readonly values: ConfigValues;
  /** The current text of the directive itself. */
  readonly text: string;
  readonly sentinel: boolean;
  /** CONFIG SET as opposed to the start of the server. */
  readonly running: boolean;
  /** `save` adds to the save points that are there instead of replacing them. */
  readonly appendSavePoints: boolean;
}

/** The parsed value, or why the arguments are refused. */
export type ParseResult = Parsed | string;

export function parseValue(
  directive: Directive,
  args: readonly string[],
  context: ParseContext,
): ParseResult {
  switch (directive.type) {
    case "bool":
      return parseBool(directive, untilZero(args[0]));
    case "enum":
      return parseEnum(directive, args.map(untilZero));
    case "number":
      return parseNumber(directive, args[0]);
    case "string":
      return parseString(directive, args[0], context);
    case "special":
      return parseSpecial(directive.name, args.map(untilZero), context);
  }
}

/** A C string ends at its first zero byte. */
function untilZero(text: string): string {
  const zero = text.indexOf("\0");
  return zero < 0 ? text : text.slice(0, zero);
}

function parseBool(directive: BoolDirective, arg: string): ParseResult {
  const text = asciiLower(arg);
  if (text !== "yes" && text !== "no") return "argument must be 'yes' or 'no'";
  if (directive.name === "activedefrag" && text === "yes") {
    return (
      "Active defragmentation cannot be enabled: it requires a Redis server compiled with a " +
      "modified Jemalloc like the one shipped by default with the Redis source distribution"
    );
  }
  return { text, value: text === "yes" };
}

/** Redis keeps the text of a refusal in a buffer of this size, its final zero included. */
const ERROR_BYTES = 256;

function parseEnum(directive: EnumDirective, args: readonly string[]): ParseResult {
  const { values, synonyms } = directive;
  const several = directive.flags.includes("multi-arg");
  const words = args.map(asciiLower);
  const known = words.every((word) => values.includes(word));
  if (!known || words.length === 0 || (!several && words.length > 1)) {
    const refusal = `argument(s) must be one of the following: ${values.join(", ")}`;
    return refusal.slice(0, ERROR_BYTES - 1);
  }
  if (!several) {
    const text = synonyms[words[0]] ?? words[0];
    return { text, value: text } as Parsed;
  }
  if (words.includes("save") && words.includes("nosave")) {
    return "shutdown options SAVE and NOSAVE can't be used simultaneously";
  }
  // The first word is "nothing special", which adds nothing to others.
  const chosen = values.filter((word, index) => index > 0 && words.includes(word));
  const text = chosen.length === 0 ? values[0] : chosen.join(" ");
  return { text, value: text };
}

function parseNumber(directive: NumberDirective, arg: string): ParseResult {
  const value = readNumber(directive, arg);
  if (typeof value === "string") return value;
  const refusal = outOfBounds(directive, value);
  if (refusal !== null) return refusal;
  const stored = directive.sign === "unsigned" ? BigInt.asUintN(64, value) : value;
  return { text: numberText(directive, stored), value: Number(stored) };
}

/** A signed 64-bit number, a percentage as a negative one; or why the text is none. */
function readNumber(directive: NumberDirective, arg: string): bigint | string {
  if (directive.unit === "integer") {
    return parseCanonicalInteger(arg) ?? "argument couldn't be parsed into an integer";
  }
  if (directive.unit === "octal") {
    const { value, complete, overflow } = parseLeadingInteger(untilZero(arg), 8);
    return complete && !overflow ? value : "argument couldn't be parsed as an octal number";
  }
  const bytes = parseMemory(untilZero(arg));
  if (bytes !== null) return BigInt.asIntN(64, bytes);
  if (directive.unit === "memory") return "argument must be a memory value";
  const percent = arg.endsWith("%") ? parseCanonicalInteger(arg.slice(0, -1)) : null;
  if (percent === null || percent < 0n) return "argument must be a memory or percent value";
  return -percent;
}

function outOfBounds(directive: NumberDirective, value: bigint): string | null {
  const { min, max, unit, sign } = directive;
  if (unit === "memory-percent" && value < 0n) {
    return value < min ? `percentage argument must be less or equal to ${-min}` : null;
  }
  const compared = sign === "unsigned" ? BigInt.asUintN(64, value) : value;
  if (compared >= min && compared <= max) return null;
  const base = unit === "octal" ? 8 : 10;
  return `argument must be between ${min.toString(base)} and ${max.toString(base)} inclusive`;
}

function numberText(directive: NumberDirective, value: bigint): string {
  if (directive.unit === "octal") return value.toString(8);
  return directive.unit === "memory-percent" && value < 0n ? `${-value}%` : `${value}`;
}

/** A number as CONFIG REWRITE writes it: memory in the largest unit that divides it. */
export function numberLine(directive: NumberDirective, text: string): string {
  const memory = directive.unit === "memory" || directive.unit === "memory-percent";
  return memory && !text.endsWith("%") ? formatMemory(BigInt(text)) : text;
}

function parseString(directive: StringDirective, arg: string, context: ParseContext): ParseResult {
  const text = directive.flags.includes("binary") ? arg : untilZero(arg);
  const refusal = invalidString(directive.name, text, context, arg);
  return refusal ?? { text, value: text };
}

/** Longest host name plus its final zero. */
const HOST_BYTES = 256;
/** The locales whose order is that of the bytes, which is the only one there is. */
const BYTE_ORDER_LOCALES = ["", "C", "POSIX", "C.UTF-8", "C.utf8"];

/** Whether the server can sort by this locale. */
export function isLocale(name: string): boolean {
  return BYTE_ORDER_LOCALES.includes(name);
}

/** `arg` is the whole argument, `text` the C string in it. */
function invalidString(
  name: string,
  text: string,
  context: ParseContext,
  arg: string,
): string | null {
  switch (name) {
    case "dbfilename":
      return isBaseName(text) ? null : "dbfilename can't be a path, just a filename";
    case "appendfilename":
      if (text === "") return "appendfilename can't be empty";
      return isBaseName(text) ? null : "appendfilename can't be a path, just a filename";
    case "appenddirname":
      if (text === "") return "appenddirname can't be empty";
      return isBaseName(text) ? null : "appenddirname can't be a path, just a dirname";
    case "cluster-announce-human-nodename":
      return /[!#$%&()*+:;<>?@[\]^{|}~\0]/.test(arg)
        ? "Announced human node name contained invalid character"
        : null;
    case "cluster-announce-hostname":
      if (text.length >= HOST_BYTES) return "Hostnames must be less than 256 characters";
      return /^[A-Za-z0-9.-]*$/.test(text)
        ? null
        : "Hostnames may only contain alphanumeric characters, hyphens or dots";
    case "proc-title-template":
      return isProcTitleTemplate(text, context.values, context.sentinel)
        ? null
        : "template format is invalid or contains unknown variables";
    case "locale-collate":
      // At start an unknown locale stops the server later, with a line in the log.
      return !context.running || isLocale(text) ? null : "Invalid locale name";
    default:
      return null;
  }
}

function isBaseName(text: string): boolean {
  return !/[/\\]/.test(text);
}
