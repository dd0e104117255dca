// Preloaded into Seedis by the stall benchmark: on SIGUSR2, writes to the file named by
// LOOP_DELAY_FILE what the longest turn of the event loop since the last report took, in milliseconds:
// in time, to which everything else on the machine adds, and in processor time of the whole process.
import { writeFileSync } from "node:fs";

const INTERVAL_MS = 1;
let worstMs = 0;
let worstCpuMs = 0;
let lastMs = performance.now();
let lastCpuUs = cpuUs();

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

setInterval(() => {
  const nowMs = performance.now();
  const nowCpuUs = cpuUs();
  // The time that the timer waits for by itself does not count.
  worstMs = Math.max(worstMs, nowMs - lastMs - INTERVAL_MS);
  worstCpuMs = Math.max(worstCpuMs, (nowCpuUs - lastCpuUs) / 1000);
  lastMs = nowMs;
  lastCpuUs = nowCpuUs;
}, INTERVAL_MS);

process.on("SIGUSR2", () => {
  const report = `${process.pid} ${worstMs.toFixed(1)} ${worstCpuMs.toFixed(1)}\n`;
  writeFileSync(process.env.LOOP_DELAY_FILE, report);
  worstMs = 0;
  worstCpuMs = 0;
});
