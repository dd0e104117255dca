// MEMORY DOCTOR: what stands out in the use of memory. The frame of the report is Redis's, the
// findings are about this server.
import type { MemoryOverhead } from "./memory-overhead.ts";
import { memoryOverhead } from "./memory-overhead.ts";
import type { Node } from "./node.ts";

/** With less in use than this, ratios say nothing. */
const MEANINGFUL_BYTES_MIN = 5 * 1024 * 1024;
const WASTE_BYTES_MIN = 10 * 1024 * 1024;
const PEAK_RATIO_MAX = 1.5;
const RESIDENT_RATIO_MAX = 1.4;
const FRAGMENTATION_RATIO_MAX = 1.1;
const CLIENT_BYTES_MAX = 200 * 1024;
const SCRIPTS_MAX = 1000;

const ALL_WELL =
  "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n";
const TOO_LITTLE =
  "Hi Sam, this instance is empty or is using very little memory, so there is nothing my issue detector could tell apart from chance. Come back when there is some data.\n";
const GREETING = "Sam, I detected a few issues in this Redis instance memory implants:\n\n";
const FAREWELL = "I'm here to keep you safe, Sam. I want to help you.\n";

const PEAK =
  "Peak memory: this instance once used more than 150% of what it uses now. Memory that became free in the middle of a segment is kept for new data, so the process stays larger than its data needs. MEMORY PURGE gives back what can be given back.";
const RESIDENT =
  "High total RSS: the process is more than 1.4 times as large as the data in it. The usual reasons are an earlier peak (see above, if it is mentioned there) and large buffers of clients; the JavaScript engine's own heap is part of it, too.";
const FRAGMENTATION =
  "High allocator fragmentation: more than a tenth of the arena's segments is free space between live blocks. It is used again for new data of any type.";
const CLIENTS =
  "Big client buffers: clients hold more than 200K each on average. Look for clients that send commands without reading the replies, subscribers that are too slow, or very large replies: CLIENT LIST shows tot-mem and omem, and client-output-buffer-limit and maxmemory-clients bound them.";
const SCRIPTS =
  "Many scripts: more than 1000 scripts are cached. Perhaps they are made up and loaded one by one, where one script with KEYS and ARGV would do; until SCRIPT FLUSH none that was loaded is forgotten.";

export function memoryReport(node: Node): string {
  const overhead = memoryOverhead(node);
  if (overhead.totalBytes < MEANINGFUL_BYTES_MIN) return TOO_LITTLE;
  const findings = findIssues(overhead, node.clients.count, node.scripting.cache.count);
  if (findings.length === 0) return ALL_WELL;
  return GREETING + findings.map((finding) => ` * ${finding}\n\n`).join("") + FAREWELL;
}

function findIssues(overhead: MemoryOverhead, clientCount: number, scriptCount: number): string[] {
  const { totalBytes, peakBytes } = overhead;
  const findings: string[] = [];
  if (peakBytes / totalBytes > PEAK_RATIO_MAX) findings.push(PEAK);
  if (overhead.totalRatio > RESIDENT_RATIO_MAX && overhead.totalRatioBytes > WASTE_BYTES_MIN) {
    findings.push(RESIDENT);
  }
  if (
    overhead.fragmentationRatio > FRAGMENTATION_RATIO_MAX &&
    overhead.fragmentationBytes > WASTE_BYTES_MIN
  ) {
    findings.push(FRAGMENTATION);
  }
  if (overhead.clientBytes > CLIENT_BYTES_MAX * Math.max(1, clientCount)) findings.push(CLIENTS);
  if (scriptCount > SCRIPTS_MAX) findings.push(SCRIPTS);
  return findings;
}
