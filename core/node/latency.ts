// The latency monitor: spikes per event, for LATENCY HISTORY, LATEST, GRAPH, DOCTOR.

import { asciiLower } from "../util/bytes.ts";

/** Spikes kept per event. */
const SAMPLES_MAX = 160;

export interface LatencySample {
  timeSeconds: number;
  milliseconds: number;
}

export class LatencyEvent {
  /** Oldest first. */
  readonly samples: LatencySample[] = [];
  /** The worst spike since the event was reset. */
  maxMs = 0;
}

export class LatencyMonitor {
  /** latency-monitor-threshold; 0 switches the monitor off. */
  thresholdMs = 0;
  readonly events: Map<string, LatencyEvent> = new Map();

  configure(thresholdMs: number): void {
    this.thresholdMs = thresholdMs;
  }

  addIfSlow(name: string, milliseconds: number, nowMs: number): void {
    if (this.thresholdMs > 0 && milliseconds >= this.thresholdMs) {
      this.add(name, milliseconds, nowMs);
    }
  }

  add(name: string, milliseconds: number, nowMs: number): void {
    let event = this.events.get(name);
    if (event === undefined) {
      event = new LatencyEvent();
      this.events.set(name, event);
    }
    event.maxMs = Math.max(event.maxMs, milliseconds);
    const timeSeconds = Math.floor(nowMs / 1000);
    const last = event.samples.at(-1);
    // Spikes of the same second count as one, the worst.
    if (last !== undefined && last.timeSeconds === timeSeconds) {
      last.milliseconds = Math.max(last.milliseconds, milliseconds);
      return;
    }
    event.samples.push({ timeSeconds, milliseconds });
    if (event.samples.length > SAMPLES_MAX) event.samples.shift();
  }

  /** Forgets events by name, in any case, or all; answers with how many. */
  reset(names: readonly string[] | null): number {
    if (names === null) {
      const count = this.events.size;
      this.events.clear();
      return count;
    }
    let count = 0;
    for (const name of names) {
      const wanted = asciiLower(name);
      for (const event of this.events.keys()) {
        if (asciiLower(event) === wanted && this.events.delete(event)) count++;
      }
    }
    return count;
  }
}
