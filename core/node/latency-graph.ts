// LATENCY GRAPH: the spikes of an event as bars of characters, four rows high.
import type { LatencyEvent, LatencySample } from "./latency.ts";

const COLUMNS = 80;
const ROWS = 4;
/** From low to high inside one row; above the top of a bar its stem. */
const LEVELS = "_o#";
const STEM = "|";
const STEPS = ROWS * LEVELS.length;

/** The graph of an event, oldest spike first, each with its age written downwards below it. */
export function latencyGraph(name: string, event: LatencyEvent, nowMs: number): string {
  const { samples, maxMs } = event;
  const values = samples.map((sample) => sample.milliseconds);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const title = `${name} - high ${high} ms, low ${low} ms (all time high ${maxMs} ms)`;
  const parts: string[] = [];
  for (let start = 0; start < samples.length; start += COLUMNS) {
    parts.push(bars(samples.slice(start, start + COLUMNS), low, high, nowMs));
  }
  return `${title}\n${"-".repeat(COLUMNS)}\n${parts.join("\n")}`;
}

function bars(samples: readonly LatencySample[], low: number, high: number, nowMs: number): string {
  const range = high === low ? 1 : high - low;
  const steps = samples.map(({ milliseconds }) =>
    Math.min(Math.floor(((milliseconds - low) * STEPS) / range), STEPS - 1),
  );
  let text = "";
  for (let row = ROWS - 1; row >= 0; row--) {
    text += `${steps.map((step) => levelAt(step, row)).join("")}\n`;
  }
  text += `${" ".repeat(samples.length)}\n`;
  const labels = samples.map(({ timeSeconds }) => age(Math.floor(nowMs / 1000) - timeSeconds));
  const length = Math.max(...labels.map((label) => label.length));
  for (let i = 0; i < length; i++) text += `${labels.map((label) => label[i] ?? " ").join("")}\n`;
  return text;
}

/** What a bar of `step` steps shows in a row; row 0 is the lowest. */
function levelAt(step: number, row: number): string {
  const level = step - row * LEVELS.length;
  if (level < 0) return " ";
  return level < LEVELS.length ? LEVELS[level] : STEM;
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}
