// Transcript files: what is sent to a server and the exact replies that must come back.
//
//   // Lines that begin with `//` are comments.
//
//   # a case: FLUSHALL, and connections of its own
//   SET ticket 42                 a block: commands, `----`, one reply for each command
//   GETDEL ticket
//   ----
//   +OK
//   "42"
//
//   GET ticket                    a blank line starts the next block of the same case
//   ----
//   (nil)
//
// Every case runs twice: over RESP2, and over RESP3 (each connection starts with HELLO 3). Where the
// replies of a block differ in more than notation.ts can tell by itself, the block has both:
// `---- resp2` and `---- resp3`.
//
// Marks at the end of a title: `[7.4]` Redis behaves so from 7.4 on, an older reference server is not
// asked; `[resp2]`, `[resp3]` only over that protocol.
//
// A command line is `name> (directive) arguments`; both in front are optional. `name>` picks one of
// several connections (all are opened before the first command). Arguments are words or quoted as in
// text.ts; `$name` stands for something saved. Directives:
//
//   (raw) *1\r\n$4\r\nPING\r\n   sends these bytes (or quoted pieces), reads one reply
//   (send) … and (send raw) …    sends without reading a reply
//   (block) …                    sends, and waits until the server has blocked this client
//   (read)                       reads one more reply or push
//   (quiet)                      nothing may have arrived on this connection
//   (save name) …                keeps the reply (an integer or a text) for `$name`
//   (times 200) …                sends that often, `$i` counting from 1; only the last reply counts
//   (eventually) …               sends again until the expected reply comes: for what takes real time
//   (end)                        ends our side of the connection; (close) drops it

import { type Pattern, type Protocol, parsePatterns } from "./notation.ts";

export type Verb =
  | "command"
  | "send"
  | "block"
  | "read"
  | "quiet"
  | "save"
  | "times"
  | "eventually"
  | "end"
  | "close";

export interface Step {
  /** Line number in the file, from 1. */
  line: number;
  source: string;
  connection: string;
  verb: Verb;
  /** True when `text` is escaped bytes and not a command line. */
  raw: boolean;
  text: string;
  /** The name of (save name). */
  name: string;
  /** The count of (times count), otherwise 1. */
  count: number;
  /** Whether a reply stands for it in the expectation. */
  replies: boolean;
}

/** One expected reply, and the lines that say so. */
export interface Expected {
  pattern: Pattern;
  lines: string[];
}

export interface Block {
  /** Command and comment lines, as they stand in the file. */
  lines: string[];
  steps: Step[];
  /** Null before the first UPDATE. Both are the same list when the file has one section. */
  expected: Record<Protocol, Expected[]> | null;
}

export interface Case {
  title: string;
  line: number;
  /** Needs Redis 7.4 or newer. */
  since74: boolean;
  protocols: Protocol[];
  /** The title line and comment lines before the first block. */
  lines: string[];
  blocks: Block[];
}

export interface Transcript {
  /** Comment lines before the first case. */
  head: string[];
  cases: Case[];
}

/** Parses a transcript file. Throws with the line number when it is not one. */
export function parseTranscript(text: string): Transcript {
  const transcript: Transcript = { head: [], cases: [] };
  for (const { line, lines } of paragraphs(text)) {
    try {
      if (lines[0]!.startsWith("# ")) {
        transcript.cases.push(parseTitle(lines[0]!, line));
        const comments = lines.findIndex((other, at) => at > 0 && !other.startsWith("//"));
        const rest = comments < 0 ? lines.length : comments;
        transcript.cases.at(-1)!.lines = lines.slice(0, rest);
        if (rest < lines.length) addBlock(transcript, lines.slice(rest), line + rest);
      } else if (transcript.cases.length === 0 && lines.every((other) => other.startsWith("//"))) {
        if (transcript.head.length > 0) transcript.head.push("");
        transcript.head.push(...lines);
      } else {
        addBlock(transcript, lines, line);
      }
    } catch (error) {
      throw new Error(`line ${line}: ${(error as Error).message}`);
    }
  }
  return transcript;
}

function paragraphs(text: string): { line: number; lines: string[] }[] {
  const found: { line: number; lines: string[] }[] = [];
  let current: string[] | null = null;
  text.split("\n").forEach((line, at) => {
    if (line.trim() === "") {
      current = null;
      return;
    }
    if (current === null) {
      current = [];
      found.push({ line: at + 1, lines: current });
    }
    current.push(line.trimEnd());
  });
  return found;
}

function parseTitle(source: string, line: number): Case {
  const marks = [...source.matchAll(/ \[([^\]]*)\]/g)].map((mark) => mark[1]!);
  for (const mark of marks) {
    if (!["7.4", "resp2", "resp3"].includes(mark)) throw new Error(`unknown mark [${mark}]`);
  }
  const protocols: Protocol[] = marks.includes("resp2")
    ? [2]
    : marks.includes("resp3")
      ? [3]
      : [2, 3];
  const title = source.slice(2).replace(/( \[[^\]]*\])+$/, "");
  return { title, line, since74: marks.includes("7.4"), protocols, lines: [], blocks: [] };
}

function addBlock(transcript: Transcript, lines: readonly string[], line: number): void {
  const current = transcript.cases.at(-1);
  if (current === undefined) throw new Error("commands before the first `# title`");
  const cuts = lines.flatMap((text, at) => (/^----( resp[23])?$/.test(text) ? [at] : []));
  const head = lines.slice(0, cuts[0] ?? lines.length);
  const steps = head.flatMap((text, at) =>
    text.startsWith("//") ? [] : [parseStep(text, line + at)],
  );
  if (steps.length === 0) throw new Error("a block without commands");
  const sections = cuts.map((cut, at) => ({
    name: lines[cut]!.slice(5),
    expected: parsePatterns(lines.slice(cut + 1, cuts[at + 1] ?? lines.length)),
  }));
  const names = sections.map((section) => section.name).join(",");
  let expected: Block["expected"] = null;
  if (names === "resp2,resp3") expected = { 2: sections[0]!.expected, 3: sections[1]!.expected };
  else if (names === "")
    expected = sections[0] && { 2: sections[0].expected, 3: sections[0].expected };
  else throw new Error(`sections must be one \`----\`, or resp2 and then resp3; not ${names}`);
  current.blocks.push({ lines: [...head], steps, expected: expected ?? null });
}

const CONNECTION = /^([a-z][a-z0-9]*)> /;
const DIRECTIVE =
  /^\((raw|send raw|send|block|read|quiet|save ([a-z][a-z0-9]*)|times (\d+)|eventually|end|close)\)(?: |$)/;

function parseStep(source: string, line: number): Step {
  const connection = CONNECTION.exec(source);
  let text = connection === null ? source : source.slice(connection[0].length);
  const directive = DIRECTIVE.exec(text);
  if (directive !== null) text = text.slice(directive[0].length);
  if (directive !== null && CONNECTION.test(text)) throw new Error(`name> comes first: ${source}`);
  if (directive === null && text.startsWith("(")) throw new Error(`unknown directive: ${text}`);
  const words = (directive?.[1] ?? "command").split(" ");
  const raw = words.includes("raw");
  const verb = (words[0] === "raw" ? "command" : words[0]) as Verb;
  return {
    line,
    source,
    connection: connection?.[1] ?? "",
    verb,
    raw,
    text,
    name: directive?.[2] ?? "",
    count: Number(directive?.[3] ?? 1),
    replies: !["send", "block", "quiet", "end", "close"].includes(verb),
  };
}

/** The text of the file again: comments and commands as they were, expectations from the blocks. */
export function formatTranscript(transcript: Transcript): string {
  const parts: string[] = [];
  if (transcript.head.length > 0) parts.push(`${transcript.head.join("\n")}\n`);
  for (const current of transcript.cases) {
    const blocks = current.blocks.map((block) => [...block.lines, ...formatExpected(block)]);
    blocks[0] = [...current.lines, ...(blocks[0] ?? [])];
    for (const lines of blocks) parts.push(`${lines.join("\n")}\n`);
  }
  return parts.join("\n");
}

function formatExpected(block: Block): string[] {
  if (block.expected === null) return [];
  const both = block.expected;
  const lines = { 2: both[2].flatMap((one) => one.lines), 3: both[3].flatMap((one) => one.lines) };
  if (both[2] === both[3]) return ["----", ...lines[3]];
  return ["---- resp2", ...lines[2], "---- resp3", ...lines[3]];
}
