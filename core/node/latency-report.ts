// LATENCY DOCTOR: what the latency monitor saw, and what may help. The greetings and the line per
// event are Redis's; the advice is about this server.
import type { LatencyEvent } from "./latency.ts";
import type { Node } from "./node.ts";

const DISABLED =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
const NOTHING =
  "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
const GREETING =
  "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n";
const NO_ADVICE = "\nThere is no easy remedy for these events that I know of.\n";

const SLOWLOG_OFF = (ms: number): string =>
  `The slow log is off. "CONFIG SET slowlog-log-slower-than ${ms * 1000}" makes it show the commands that took as long as these spikes.`;
const SLOWLOG_HIGH = (ms: number): string =>
  `The slow log only keeps commands that are slower than the spikes recorded here. "CONFIG SET slowlog-log-slower-than ${ms * 1000}" aligns the two.`;
const INSPECT_SLOWLOG =
  "SLOWLOG GET tells which commands were slow. Commands that walk whole collections (KEYS, SMEMBERS, HGETALL, SORT, a wide LRANGE) are best replaced by the SCAN family or by smaller ranges.";
const LARGE_VALUES =
  "Very large values make single commands long. Splitting them into several keys keeps every command short; lazyfree-lazy-user-del moves the freeing of deleted ones into the background.";
const SCHEDULER =
  "Commands that should take microseconds were slow, so the process probably did not get the processor: look for other busy processes on this machine, for a noisy neighbour of a virtual one, or for memory that is swapped out.";
const LOCAL_DISK =
  "Writing or syncing the append-only file was slow: use a local disk that nobody else keeps busy, preferably an SSD.";
const RELAX_FSYNC =
  'With "appendfsync always" every write waits for the disk. "everysec" loses at most a second of writes after a power failure and is much faster.';
const NO_FSYNC_ON_REWRITE =
  'The disk was busy with a rewrite or a snapshot. "no-appendfsync-on-rewrite yes" stops syncing meanwhile, if losing some seconds of writes then is acceptable.';
const RAISE_HZ = '"CONFIG SET hz 100" removes expired keys in smaller and more frequent portions.';
const MASS_EVICTION =
  "Lowering maxmemory, or storing a very large result at once, makes many keys be evicted together.";

export function latencyReport(node: Node): string {
  const { latency, wallMs } = node;
  if (latency.events.size === 0) return latency.thresholdMs === 0 ? DISABLED : NOTHING;
  let report = GREETING;
  const advice: Set<string> = new Set();
  let number = 0;
  for (const [name, event] of latency.events) {
    report += `${++number}. ${name}: ${describeEvent(event, wallMs)}\n`;
    for (const text of adviceFor(name, node)) advice.add(text);
  }
  if (advice.size === 0) return report + NO_ADVICE;
  report += "\nI have a few advices for you:\n\n";
  for (const text of advice) report += `- ${text}\n`;
  return report;
}

function describeEvent({ samples, maxMs }: LatencyEvent, nowMs: number): string {
  const count = samples.length;
  const sum = samples.reduce((total, sample) => total + sample.milliseconds, 0);
  const average = Math.floor(sum / count);
  const deviations = samples.map((sample) => Math.abs(average - sample.milliseconds));
  const deviation = Math.floor(deviations.reduce((total, value) => total + value, 0) / count);
  const rangeSeconds = Math.max(1, Math.floor(nowMs / 1000) - samples[0].timeSeconds);
  const period = (rangeSeconds / count).toFixed(2);
  return `${count} latency spikes (average ${average}ms, mean deviation ${deviation}ms, period ${period} sec). Worst all time event ${maxMs}ms.`;
}

function adviceFor(name: string, node: Node): string[] {
  const { values } = node.config;
  switch (name) {
    case "command": {
      const advice = [INSPECT_SLOWLOG, LARGE_VALUES];
      const thresholdMs = node.latency.thresholdMs;
      if (values.slowlogLogSlowerThan < 0 || values.slowlogMaxLen === 0) {
        advice.unshift(SLOWLOG_OFF(thresholdMs));
      } else if (values.slowlogLogSlowerThan / 1000 > thresholdMs) {
        advice.unshift(SLOWLOG_HIGH(thresholdMs));
      }
      return advice;
    }
    case "fast-command":
      return [SCHEDULER];
    case "aof-write-active-child":
      return [LOCAL_DISK, NO_FSYNC_ON_REWRITE];
    case "aof-fsync-always":
      return values.appendfsync === "always" ? [RELAX_FSYNC, LOCAL_DISK] : [LOCAL_DISK];
    case "aof-write-pending-fsync":
    case "aof-write-alone":
    case "aof-write":
    case "aof-fstat":
    case "aof-rename":
    case "rdb-unlink-temp-file":
      return [LOCAL_DISK];
    case "expire-cycle":
      return values.hz < 100 ? [RAISE_HZ, LARGE_VALUES] : [LARGE_VALUES];
    case "eviction-del":
      return [LARGE_VALUES];
    case "eviction-cycle":
      return [MASS_EVICTION];
    default:
      return [];
  }
}
