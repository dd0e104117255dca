// The directives with a form of their own: how each reads its arguments and shows its value.
// What CONFIG REWRITE makes of them is in rewrite.ts.
import { asciiLower } from "../util/bytes.ts";
import type { OutputBufferLimit, OutputBufferLimits, SavePoint } from "./directive.ts";
import { formatKeyspaceEvents, parseKeyspaceEvents } from "./keyspace-events.ts";
import { formatDecimal, parseDecimal, parseLeadingInteger, parseMemory } from "./numbers.ts";
import type { ParseContext, ParseResult } from "./parse.ts";
import { resolvePath } from "./path.ts";

const WRONG_COUNT = "wrong number of arguments";

export function parseSpecial(
  name: string,
  args: readonly string[],
  context: ParseContext,
): ParseResult {
  switch (name) {
    case "bind":
      return parseBind(args);
    case "client-output-buffer-limit":
      return parseOutputBufferLimits(args, context.text);
    case "dir":
      return parseDirectory(args, context.text);
    case "latency-tracking-info-percentiles":
      return parsePercentiles(args);
    case "notify-keyspace-events":
      return parseEvents(args);
    case "oom-score-adj-values":
      return parseScores(args);
    case "replicaof":
      return parseReplicaOf(args);
    default:
      return parseSave(args, context);
  }
}

/** One empty argument is the way to say "none". */
function isNone(args: readonly string[]): boolean {
  return args.length === 1 && args[0] === "";
}

const BIND_COUNT_MAX = 16;

function parseBind(args: readonly string[]): ParseResult {
  if (args.length > BIND_COUNT_MAX) return "Too many bind addresses specified.";
  const addresses = isNone(args) ? [] : [...args];
  return { text: addresses.join(" "), value: addresses };
}

/** Columns of a class in the text: its name, hard limit, soft limit, seconds. */
const LIMIT_COLUMNS = 4;
const CLIENT_CLASSES: ReadonlyMap<string, number> = new Map([
  ["normal", 0],
  ["slave", 1],
  ["replica", 1],
  ["pubsub", 2],
]);

/** Only the classes that are named change. */
function parseOutputBufferLimits(args: readonly string[], current: string): ParseResult {
  if (args.length % LIMIT_COLUMNS !== 0) {
    return "Wrong number of arguments in buffer limit configuration.";
  }
  const words = current.split(" ");
  for (let i = 0; i < args.length; i += LIMIT_COLUMNS) {
    const index = CLIENT_CLASSES.get(asciiLower(args[i]));
    if (index === undefined) return "Invalid client class specified in buffer limit configuration.";
    const hard = parseMemory(args[i + 1]);
    const soft = parseMemory(args[i + 2]);
    const seconds = parseLeadingInteger(args[i + 3], 10);
    const softSeconds = BigInt.asIntN(32, seconds.value);
    if (hard === null || soft === null || !seconds.complete || softSeconds < 0n) {
      return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
    }
    const at = index * LIMIT_COLUMNS;
    words.splice(at + 1, LIMIT_COLUMNS - 1, `${hard}`, `${soft}`, `${softSeconds}`);
  }
  return { text: words.join(" "), value: outputBufferLimits(words) };
}

function outputBufferLimits(words: readonly string[]): OutputBufferLimits {
  const limit = (index: number): OutputBufferLimit => {
    const at = index * LIMIT_COLUMNS;
    return {
      hardBytes: Number(words[at + 1]),
      softBytes: Number(words[at + 2]),
      softSeconds: Number(words[at + 3]),
    };
  };
  return { normal: limit(0), replica: limit(1), pubsub: limit(2) };
}

function parseDirectory(args: readonly string[], current: string): ParseResult {
  if (args.length !== 1) return WRONG_COUNT;
  if (args[0] === "") return "No such file or directory";
  const path = resolvePath(current, args[0]);
  return { text: path, value: path };
}

function parsePercentiles(args: readonly string[]): ParseResult {
  const percentiles: number[] = [];
  for (const arg of isNone(args) ? [] : args) {
    const percentile = parseDecimal(arg);
    if (percentile === null) return "Invalid latency-tracking-info-percentiles parameters";
    if (percentile > 100 || percentile < 0) {
      return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
    }
    percentiles.push(percentile);
  }
  return { text: percentiles.map(formatDecimal).join(" "), value: percentiles };
}

function parseEvents(args: readonly string[]): ParseResult {
  if (args.length !== 1) return WRONG_COUNT;
  const flags = parseKeyspaceEvents(args[0]);
  if (flags === null) return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
  return { text: formatKeyspaceEvents(flags), value: flags };
}

/** For the primary, a replica and a background child. */
const SCORE_COUNT = 3;

function parseScores(args: readonly string[]): ParseResult {
  if (args.length !== SCORE_COUNT) return WRONG_COUNT;
  const scores = args.map((arg) => parseLeadingInteger(arg, 10));
  if (!scores.every(({ value, complete }) => complete && value >= -2000n && value <= 2000n)) {
    return "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
  }
  const value = scores.map((score) => Number(score.value));
  return { text: value.join(" "), value };
}

function parseReplicaOf(args: readonly string[]): ParseResult {
  if (args.length !== 2) return WRONG_COUNT;
  if (asciiLower(args[0]) === "no" && asciiLower(args[1]) === "one")
    return { text: "", value: null };
  const { value, complete } = parseLeadingInteger(args[1], 10);
  const port = Number(BigInt.asIntN(32, value));
  if (!complete || port < 0 || port > 65535) return "Invalid master port";
  return { text: `${args[0]} ${port}`, value: { host: args[0], port } };
}

function parseSave(args: readonly string[], context: ParseContext): ParseResult {
  const none = isNone(args);
  const numbers = none ? [] : args.map((arg) => parseLeadingInteger(arg, 10));
  const valid = numbers.every(
    ({ value, complete }, index) => complete && value >= (index % 2 === 0 ? 1n : 0n),
  );
  if (!valid || numbers.length % 2 !== 0) return "Invalid save parameters";
  const words = numbers.map(({ value }, index) =>
    index % 2 === 0 ? `${value}` : `${BigInt.asIntN(32, value)}`,
  );
  // `save ""` forgets what was there even where other lines add to it.
  const kept = context.appendSavePoints && !none && context.text !== "";
  const text = (kept ? [context.text, ...words] : words).join(" ");
  return { text, value: savePoints(text) };
}

function savePoints(text: string): SavePoint[] {
  const numbers = text === "" ? [] : text.split(" ").map(Number);
  const points: SavePoint[] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    points.push({ seconds: numbers[i], changes: numbers[i + 1] });
  }
  return points;
}
