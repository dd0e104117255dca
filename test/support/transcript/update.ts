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
  const saved = step.verb === "save" && value !== null && "text" in value;
  const lines = saved
    ? [value.kind === "integer" ? ":*" : "$*"]
    : withoutIdentity(renderReply(value, protocol), variables);
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
    if (/id=\d+ addr=/.test(token!)) return indent + clientInfoPattern(token!);
    return indent + (names.get(token!) ?? token);
  });
}

/** A line (or lines) of CLIENT LIST as a regular expression. */
function clientInfoPattern(token: string): string {
  const text = token
    .replace(/^=?"/, "")
    .replace(/"$/, "")
    .replace(/([|.*+?()[\]{}/])/g, "\\$1");
  const numbers = /(^|txt:| |\\n)(id|fd|age|idle|[a-z-]+mem|qbuf|qbuf-free|rbs|rbp|obl|oll)=\d+/g;
  const source = text
    .replace(/addr=127\\\.0\\\.0\\\.1:\d+/g, "addr=127\\.0\\.0\\.1:\\d+")
    .replace(numbers, "$1$2=\\d+")
    .replace(/resp=[23]/g, "resp=[23]");
  return `${token.startsWith("=") ? "=" : "$"}/${source}/`;
}
