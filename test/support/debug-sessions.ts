// Sessions with the debugger of scripts, and what Redis 7.4.1 sends in them: test/fixtures/debugger/*.txt.
//
//   # a comment
//   ## title | keys a b | argv 1 2 | yes | resp3
//   local x = 1                      the script, debugged with SCRIPT DEBUG SYNC (or YES)
//   ----
//     *2                             what EVAL is answered, a line of the protocol each, bytes as they
//     +* Stopped at 1, …             are with escapes
//   > p x                            a request, its words separated by blanks (of `e` all is one word)
//     *1
//     +<value> 1
//   >> "*1\r\n$1\r\ns\r\n"           bytes as they are
//   > (end)                          the client will send no more
//     (closed)                       the connection is at its end
//   ~ …                              a line of Redis 7.0 in the place of the one before
//   = "value"                        what `k` is afterwards
//
// Before each session the data is flushed and `k` is a string, `l` a list, `h` a hash. Addresses are not
// compared.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { escapeBytes, unescapeBytes } from "./transcript/text.ts";

const DIRECTORY = fileURLToPath(new URL("../fixtures/debugger/", import.meta.url));

export interface Request {
  /** Words of a request; null: `bytes` are sent, or the end. */
  readonly words: readonly string[] | null;
  readonly bytes: string;
  readonly isEnd: boolean;
}

export interface DebugSessionText {
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly script: string;
  readonly keys: readonly string[];
  readonly argv: readonly string[];
  readonly isForked: boolean;
  readonly protocol: 2 | 3;
  readonly requests: readonly Request[];
  /** The lines of the file up to the dashes, and those of the requests. */
  readonly head: readonly string[];
  readonly requestLines: readonly string[];
  /** What EVAL and each request is answered, in lines as the file has them. */
  answers: string[][];
  /** What `k` is afterwards. */
  left: string;
}

/** Commands that make the data of a session. */
export const PREPARATION: readonly (readonly string[])[] = [
  ["FLUSHALL"],
  ["SET", "k", "value"],
  ["RPUSH", "l", "one", "two", "three"],
  ["HSET", "h", "field", "1"],
];

export function sessionFiles(): string[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(".txt"))
    .sort();
}

export function readSessions(file: string): DebugSessionText[] {
  const lines = readFileSync(join(DIRECTORY, file), "utf8").replace(/\n$/, "").split("\n");
  const sessions: DebugSessionText[] = [];
  for (let at = 0; at < lines.length; ) {
    if (!lines[at].startsWith("## ")) {
      at++;
      continue;
    }
    const start = at;
    while (lines[at] !== "----") at++;
    const head = lines.slice(start, at++);
    const body: string[] = [];
    while (at < lines.length && !lines[at].startsWith("#")) body.push(lines[at++]);
    sessions.push(parseSession(file, start + 1, head, body));
  }
  return sessions;
}

function parseSession(
  file: string,
  line: number,
  head: readonly string[],
  body: readonly string[],
): DebugSessionText {
  const [title, ...options] = head[0].slice(3).split(" | ");
  const wordsOf = (name: string) =>
    options
      .find((option) => option.startsWith(`${name} `))
      ?.split(" ")
      .slice(1) ?? [];
  const requestLines: string[] = [];
  const answers: string[][] = [[]];
  let left = "";
  for (const each of body) {
    if (each === "") continue;
    if (each.startsWith("= ")) left = each.slice(2);
    else if (each.startsWith(">")) {
      requestLines.push(each);
      answers.push([]);
    } else answers.at(-1)!.push(each);
  }
  return {
    file,
    line,
    title,
    script: unescapeMarked(head.slice(1).join("\n")),
    keys: wordsOf("keys"),
    argv: wordsOf("argv"),
    isForked: options.includes("yes"),
    protocol: options.includes("resp3") ? 3 : 2,
    requests: requestLines.map(parseRequest),
    head,
    requestLines,
    answers,
    left,
  };
}

/** In a script, {{0d}} stands for the byte 0x0d. */
function unescapeMarked(text: string): string {
  return text.replace(/\{\{([0-9a-f]{2})\}\}/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function parseRequest(line: string): Request {
  if (line === "> (end)") return { words: null, bytes: "", isEnd: true };
  if (line.startsWith(">> ")) {
    return { words: null, bytes: unescapeBytes(line.slice(4, -1)), isEnd: false };
  }
  const text = unescapeBytes(line.slice(2));
  const code = /^(e|eval) (.*)$/s.exec(text);
  const words = code !== null ? [code[1], code[2]] : text.split(" ");
  return { words, bytes: "", isEnd: false };
}

/** The bytes of an answer as lines of the file. */
export function answerLines(bytes: string): string[] {
  const text = bytes
    .replace(/@0x[0-9a-f]+/g, "@0x…")
    .replace(/(table|function|thread|userdata): 0x[0-9a-f]+/g, "$1: 0x…");
  const lines = text.split("\r\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => `  ${escapeBytes(line, false)}`.replace(/\\xe2\\x80\\xa6|…/g, "…"));
}

/** The answer as Redis 7.0 gives it (`isOlder`), or as 7.4 does. */
function expectedLines(answer: readonly string[], isOlder: boolean): string[] {
  const lines: string[] = [];
  for (const line of answer) {
    if (!line.startsWith("~ ")) lines.push(line);
    else if (isOlder) lines[lines.length - 1] = `  ${line.slice(2)}`;
  }
  return lines;
}

/** Title, requests and answers of a session as one text, to be compared. */
export function transcriptOf(session: DebugSessionText, isOlder = false): string {
  const { title, requestLines, answers, left } = session;
  const lines = [title, ...expectedLines(answers[0] ?? [], isOlder)];
  requestLines.forEach((line, i) => {
    lines.push(line, ...expectedLines(answers[i + 1] ?? [], isOlder));
  });
  return [...lines, left].join("\n");
}

export function writeSessions(file: string, sessions: readonly DebugSessionText[]): void {
  const path = join(DIRECTORY, file);
  const comment = readFileSync(path, "utf8").split(/^## /m)[0];
  const parts = sessions.map(({ head, requestLines, answers, left }) =>
    [
      ...head,
      "----",
      ...answers[0],
      ...requestLines.flatMap((line, i) => [line, ...answers[i + 1]]),
      `= ${left}`,
      "",
      "",
    ].join("\n"),
  );
  writeFileSync(path, `${comment}${parts.join("").replace(/\n+$/, "\n")}`);
}
