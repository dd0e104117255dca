// Lua snippets with what EVAL answers to them: test/fixtures/lua-corpus/*.txt.
//
//   # a comment
//   ? ("x"):rep(3), #"abc"          one line, expressions: what they give, through pcall and `show`
//   ! return 1 +                    one line, a script as it is
//   ## title | resp3 | keys a b | argv 1 2 | raw
//   local x = 1                     a script of several lines; `put(...)` adds a line to what it
//   put(x, x + 1)                   answers with (where the words `| raw` are not in its head)
//   ----
//   = true "xxx" 3                  the reply: lines of a bulk string,
//   ~ -ERR …                        or the lines of any other raw reply
//   =7.0 …                          the same of Redis 7.0, where 7.4 answers something else
//
// In a source, {{0a}} stands for the byte 0x0a. Replies are those of Redis 7.4.1; addresses
// (`table: 0x55…`) and the sign of NaN are not compared.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeReply, parseReply, type RespValue } from "./resp-value.ts";
import { escapeBytes, unescapeBytes } from "./transcript/text.ts";

const DIRECTORY = fileURLToPath(new URL("../fixtures/lua-corpus/", import.meta.url));

export interface Snippet {
  readonly file: string;
  /** Number of its first line. */
  readonly line: number;
  /** The lines of the file up to the reply. */
  readonly text: readonly string[];
  readonly script: string;
  readonly keys: readonly string[];
  readonly argv: readonly string[];
  readonly protocol: 2 | 3;
  /** Raw comparable replies, null before they are recorded; `older` where 7.0 differs. */
  reply: string | null;
  older: string | null;
}

const SHOWN_MAX = 2000;

/** Numbers with all their digits, strings in quotes; `put` collects lines of that. On one line, so that lines keep their numbers. */
const PRELUDE =
  "local lines={} local function show(...) local t={} for i=1,select('#',...) do " +
  "local v=select(i,...) local k=type(v) " +
  "t[i]=k=='string' and '\"'..v..'\"' or k=='number' and string.format('%.17g',v) or tostring(v) " +
  "end return table.concat(t,' ') end " +
  "local function put(...) lines[#lines+1]=show(...) end ";
const EPILOGUE = "\nreturn table.concat(lines,'\\n')";

/** The files of the corpus, in order of their names. */
export function corpusFiles(): string[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(".txt"))
    .sort();
}

export function readCorpus(file: string): Snippet[] {
  return parseCorpus(file, readFileSync(join(DIRECTORY, file), "utf8"));
}

export function writeCorpus(file: string, snippets: readonly Snippet[]): void {
  const path = join(DIRECTORY, file);
  writeFileSync(path, formatCorpus(readFileSync(path, "utf8"), snippets));
}

export function parseCorpus(file: string, text: string): Snippet[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const snippets: Snippet[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = textEnd(lines, at);
    if (end === at) {
      if (lines[at] !== "" && !lines[at].startsWith("# ")) {
        throw new Error(`${file}:${at + 1}: neither a snippet nor a comment: ${lines[at]}`);
      }
      at++;
      continue;
    }
    const replyEnd = endOfReply(lines, end);
    const reply = lines.slice(end, replyEnd);
    snippets.push({
      file,
      line: at + 1,
      text: lines.slice(at, end),
      ...sourceOf(lines.slice(at, end)),
      reply: readReply(reply.filter((line) => !/^.7\.0/.test(line))),
      older: readReply(reply.filter((line) => /^.7\.0/.test(line))),
    });
    at = replyEnd;
  }
  return snippets;
}

/** Where the text of a snippet that begins at `at` ends; `at` when there is none. */
function textEnd(lines: readonly string[], at: number): number {
  if (/^[?!] /.test(lines[at])) return at + 1;
  if (!lines[at].startsWith("## ")) return at;
  const bar = lines.indexOf("----", at);
  if (bar === -1) throw new Error(`line ${at + 1}: no ---- ends the script`);
  return bar + 1;
}

function endOfReply(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && /^[=~](7\.0)?( |$)/.test(lines[at])) at++;
  return at;
}

type Source = Pick<Snippet, "script" | "keys" | "argv" | "protocol">;

function sourceOf(text: readonly string[]): Source {
  const plain = { keys: [], argv: [], protocol: 2 } as const;
  const [head] = text;
  if (head.startsWith("? ")) {
    const expression = withBytes(head.slice(2));
    const script = `${PRELUDE}return show(pcall(function() return ${expression} end))`;
    return { ...plain, script };
  }
  if (head.startsWith("! ")) return { ...plain, script: withBytes(head.slice(2)) };
  const words = head.split(" | ").slice(1);
  const list = (name: string): string[] =>
    words
      .filter((word) => word.startsWith(`${name} `))
      .flatMap((word) => word.split(" ").slice(1).map(unescapeBytes));
  const body = withBytes(text.slice(1, -1).join("\n"));
  const ends = body.includes("put(") ? EPILOGUE : "";
  return {
    script: words.includes("raw") ? body : `${PRELUDE}${body}${ends}`,
    keys: list("keys"),
    argv: list("argv"),
    protocol: words.includes("resp3") ? 3 : 2,
  };
}

function withBytes(source: string): string {
  return source.replace(/\{\{([0-9a-f]{2})\}\}/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The words of the command that runs a snippet. */
export function evalOf({ script, keys, argv }: Snippet): string[] {
  return ["EVAL", script, String(keys.length), ...keys, ...argv];
}

/** What a snippet was and what it gave instead of what was expected. */
export function describeSnippet(
  { file, line, text }: Snippet,
  expected: string | null,
  given: string,
): string {
  const shown = (reply: string | null): string => JSON.stringify(reply?.slice(0, SHOWN_MAX));
  return `${file}:${line}: ${text[0].slice(0, SHOWN_MAX)}\n  - ${shown(expected)}\n  + ${shown(given)}`;
}

/** A raw reply without addresses, and without the sign of NaN, which JavaScript does not show. */
export function comparable(raw: string): string {
  if (!/: 0x|-nan/.test(raw)) return raw;
  const { value } = parseReply(Buffer.from(raw, "latin1"));
  return value === null ? raw : encodeReply(masked(value));
}

function masked(value: RespValue): RespValue {
  if (value.kind === "null") return value;
  if ("items" in value) return { ...value, items: value.items.map(masked) };
  const text = value.text
    .replace(/\b(table|function|thread|userdata): 0x[0-9a-f]+/g, "$1: 0x0")
    .replaceAll("-nan", "nan");
  return { ...value, text } as RespValue;
}

const BULK = /^\$(\d+)\r\n(.*)\r\n$/s;

function readReply(lines: readonly string[]): string | null {
  if (lines.length === 0) return null;
  const texts = lines.map((line) => unescapeBytes(line.replace(/^.(7\.0)? ?/, "")));
  if (lines[0].startsWith("~")) return `${texts.join("\r\n")}\r\n`;
  const text = texts.join("\n");
  return `$${text.length}\r\n${text}\r\n`;
}

function writeReply(raw: string, version: string): string[] {
  const bulk = BULK.exec(raw);
  const [mark, lines] =
    bulk === null ? ["~", raw.slice(0, -2).split("\r\n")] : ["=", bulk[2].split("\n")];
  // No line ends in a blank that cannot be seen.
  const shown = (line: string): string => escapeBytes(line, false).replace(/ $/, "\\x20");
  return lines.map((line) => (line === "" ? mark + version : `${mark}${version} ${shown(line)}`));
}

/** The file with the replies of its snippets. */
function formatCorpus(text: string, snippets: readonly Snippet[]): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const starts = new Map(snippets.map((snippet) => [snippet.line - 1, snippet]));
  const written: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const snippet = starts.get(at);
    if (snippet === undefined) {
      written.push(lines[at++]);
      continue;
    }
    written.push(...snippet.text);
    if (snippet.reply !== null) written.push(...writeReply(snippet.reply, ""));
    if (snippet.older !== null) written.push(...writeReply(snippet.older, "7.0"));
    at = endOfReply(lines, at + snippet.text.length);
  }
  return `${written.join("\n")}\n`;
}
