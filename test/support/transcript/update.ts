// Writes the expectations of transcripts from what the reference server answers (UPDATE=1).

import type { Block, Expected, Transcript } from "./file.ts";
import { matches, type Protocol, parsePatterns, renderReply } from "./notation.ts";
import type { Observed, TranscriptServer } from "./session.ts";
import type { Variables } from "./text.ts";

/**
 * Runs the cases that are this server's to answer and puts its replies into the transcript: a server
 * older than 7.4 writes the unmarked cases, a newer one those marked [7.4].
 */
export async function updateTranscript(
  transcript: Transcript,
  server: TranscriptServer,
  serverIs74: boolean,
): Promise<void> {
  for (const current of transcript.cases) {
    if (current.since74 !== serverIs74) continue;
    const both = current.protocols.length === 2;
    const in2 = current.protocols.includes(2) ? await server.record(current, 2) : null;
    const in3 = current.protocols.includes(3) ? await server.record(current, 3) : null;
    current.blocks.forEach((block, at) => {
      const replies2 = in2?.[at] ?? [];
      const replies3 = in3?.[at] ?? [];
      if (both) block.expected = expectBoth(block, replies2, replies3);
      else {
        const only = in2 === null ? replies3.map(expectOne) : replies2.map(expectOne);
        const kept = keepMatching(
          block,
          current.protocols[0]!,
          in2 === null ? replies3 : replies2,
          only,
        );
        block.expected = { 2: kept, 3: kept };
      }
    });
  }
}

/** One section when one notation says both replies, otherwise two. */
function expectBoth(block: Block, in2: Observed[], in3: Observed[]): Block["expected"] {
  const shared = in3.map((reply3, at) =>
    expectShared(oldOf(block, 3, at, in3.length), reply3, in2[at]!),
  );
  if (shared.every((one) => one !== null)) return { 2: shared, 3: shared };
  return {
    2: keepMatching(block, 2, in2, in2.map(expectOne)),
    3: keepMatching(block, 3, in3, in3.map(expectOne)),
  };
}

function expectShared(old: Expected[], in3: Observed, in2: Observed): Expected | null {
  const candidates = [...old, expectOne(in3), expectOne(in2)];
  return candidates.find((one) => holds(one, in3) && holds(one, in2)) ?? null;
}

/** The old expectation wherever it still holds: it may have matchers in it. */
function keepMatching(
  block: Block,
  protocol: Protocol,
  observed: Observed[],
  fresh: Expected[],
): Expected[] {
  return observed.map((reply, at) => {
    const old = oldOf(block, protocol, at, observed.length);
    return old.find((one) => holds(one, reply)) ?? fresh[at]!;
  });
}

/**
 * Old expectations worth keeping for the `at`th reply: those with matchers, since literal ones come
 * out the same anyway. When commands were added or removed, any of the block's may be the one.
 */
function oldOf(block: Block, protocol: Protocol, at: number, count: number): Expected[] {
  const old = block.expected?.[protocol] ?? [];
  const candidates = old.length === count ? [old[at]!] : old;
  return candidates.filter(({ lines }) => lines.some(hasMatcher));
}

function hasMatcher(line: string): boolean {
  return /^ *(:\*|\$\*|\(any\)|\(one of\)|:-?\d+\.\.|:\$|[-+$=,!]\/.*\/[a-z]*$|[*~%].* (unordered|containing))/.test(
    line,
  );
}

function expectOne({ step, value, protocol, variables }: Observed): Expected {
  let lines = withoutIdentity(renderReply(value, protocol), variables);
  if (value !== null && "text" in value) {
    const { kind, text } = value;
    if (step.verb === "save") lines = [kind === "integer" ? ":*" : "$*"];
    // A slow machine may take a second between setting an expiry and asking for it.
    if (/^ttl /i.test(step.text) && Number(text) > 1) lines = [`:${Number(text) - 1}..${text}`];
  }
  return { pattern: parsePatterns(lines)[0]!.pattern, lines };
}

function holds({ pattern }: Expected, { value, protocol, variables }: Observed): boolean {
  return matches(pattern, value, protocol, variables);
}

/** The lines of a reply with matchers for what differs between servers and connections. */
function withoutIdentity(lines: string[], variables: Variables): string[] {
  const names = new Map([...variables].map(([name, value]) => [`:${value}`, `:$${name}`]));
  names.delete(`:${variables.get("i")}`);
  const isHello = lines[1] === '  "server"' && lines[3] === '  "version"';
  return lines.map((line, at) => {
    if (isHello && at === 4) return "  $/[0-9]+\\.[0-9]+\\.[0-9]+/";
    if (isHello && lines[at - 1] === '  "id"') return "  :*";
    const [, indent, token] = /^( *)(.*)$/.exec(line)!;
    if (/^"127\.0\.0\.1:\d+"$/.test(token!)) return `${indent}$/127\\.0\\.0\\.1:\\d+/`;
    if (/^:1[789]\d{8}(\d{3})?$/.test(token!)) return `${indent}:*`;
    if (/^ *"(idle|inactive)"$/.test(lines[at - 1] ?? "") && /^:\d+$/.test(token!)) {
      return `${indent}:0..100000`;
    }
    if (isSubcommandList(lines, at)) return `${line} unordered`;
    if (isSlowlogNumber(lines, at)) return `${indent}:*`;
    if (/^\+\d{10}\.\d{6} \[/.test(token!)) return indent + monitorPattern(token!);
    if (/id=\d+ addr=/.test(token!)) return indent + clientInfoPattern(token!);
    return indent + (names.get(token!) ?? token);
  });
}

/** The subcommands in an entry of COMMAND INFO or COMMAND DOCS: they come out of a hash table. */
function isSubcommandList(lines: string[], at: number): boolean {
  if (/^ *\*\d+$/.test(lines[at]!)) return /^ *"[a-z-]+\|[a-z-]+"$/.test(lines[at + 2] ?? "");
  return /^ *%\d+$/.test(lines[at]!) && /^ *"subcommands"$/.test(lines[at - 1] ?? "");
}

/** The id, the time and the duration of an entry of SLOWLOG GET: three numbers below `*6`. */
function isSlowlogNumber(lines: string[], at: number): boolean {
  const entry = lines.lastIndexOf("  *6", at);
  return (
    entry >= 0 && at > entry && at - entry <= 3 && /^ {4}:1[789]\d{8}$/.test(lines[entry + 2] ?? "")
  );
}

/** What a regular expression would take for more than itself; `\` stays, for the escapes of quoting. */
const SPECIAL = /([|.*+?()[\]{}/])/g;

/** A line of MONITOR as a regular expression. */
function monitorPattern(token: string): string {
  const text = token.slice(1).replace(SPECIAL, "\\$1");
  const source = text
    .replace(/^\d{10}\\\.\d{6}/, "\\d{10}\\.\\d{6}")
    .replace(/127\\\.0\\\.0\\\.1:\d+/, "127\\.0\\.0\\.1:\\d+");
  return `+/${source}/`;
}

/** A line (or lines) of CLIENT LIST as a regular expression. */
function clientInfoPattern(token: string): string {
  const text = token.replace(/^=?"/, "").replace(/"$/, "").replace(SPECIAL, "\\$1");
  const numbers = /(^|txt:| |\\n)(id|fd|age|idle|[a-z-]+mem|qbuf|qbuf-free|rbs|rbp|obl|oll)=\d+/g;
  const source = text
    .replace(/addr=127\\\.0\\\.0\\\.1:\d+/g, "addr=127\\.0\\.0\\.1:\\d+")
    .replace(numbers, "$1$2=\\d+")
    .replace(/resp=[23]/g, "resp=[23]");
  return `${token.startsWith("=") ? "=" : "$"}/${source}/`;
}
