// Preloaded into Seedis by the stall benchmark: on SIGUSR2, writes to the file named by
// LOOP_DELAY_FILE what the longest turn of the event loop since the last report took, in milliseconds:
// in time, to which everything else on the machine adds, and in processor time of the main thread.
//
// That is read from the thread's own clock through WASI, the only way that Node has to it:
// `process.cpuUsage` counts the threads of the compiler and the garbage collector as well, and is
// exact to a tick of the kernel only, which is 4 ms.
import { writeFileSync } from "node:fs";
import { WASI } from "node:wasi";

const INTERVAL_MS = 1;
const THREAD_CPU_CLOCK = 3;
const RESULT_OFFSET = 8;

const memory = new WebAssembly.Memory({ initial: 1 });
const wasi = new WASI({ version: "preview1" });
wasi.initialize({ exports: { memory } });
const result = new DataView(memory.buffer);

let worstMs = 0;
let worstCpuMs = 0;
let lastMs = performance.now();
let lastCpuMs = cpuMs();

function cpuMs() {
  wasi.wasiImport.clock_time_get(THREAD_CPU_CLOCK, 0n, RESULT_OFFSET);
  return Number(result.getBigUint64(RESULT_OFFSET, true)) / 1e6;
}

setInterval(() => {
  const nowMs = performance.now();
  const nowCpuMs = cpuMs();
  // The time that the timer waits for by itself does not count.
  worstMs = Math.max(worstMs, nowMs - lastMs - INTERVAL_MS);
  worstCpuMs = Math.max(worstCpuMs, nowCpuMs - lastCpuMs);
  lastMs = nowMs;
  lastCpuMs = nowCpuMs;
}, INTERVAL_MS);

process.on("SIGUSR2", () => {
  const report = `${process.pid} ${worstMs.toFixed(1)} ${worstCpuMs.toFixed(1)}\n`;
  writeFileSync(process.env.LOOP_DELAY_FILE, report);
  worstMs = 0;
  worstCpuMs = 0;
});
