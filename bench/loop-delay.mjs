// Preloaded into Seedis by the stall benchmark: writes the longest event-loop delay in milliseconds
// since the last report to the file named by LOOP_DELAY_FILE, on SIGUSR2.
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 1;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();
process.on("SIGUSR2", () => {
  // The histogram counts the timer's own interval too.
  const worst = Math.max(0, histogram.max / 1e6 - RESOLUTION_MS);
  writeFileSync(process.env.LOOP_DELAY_FILE, `${process.pid} ${worst.toFixed(1)}\n`);
  histogram.reset();
});
