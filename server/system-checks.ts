// What of the machine makes a server slow: `--check-system` prints all of it, a start warns of some.
//
// Redis also asks for memory overcommit. It needs that to fork, for saving and for replication;
// nothing forks here, so the advice would be wrong.
import { readFileSync } from "node:fs";

/** ok, or what is wrong; null when it cannot be found out. */
export type Finding =
  | { readonly ok: true }
  | { readonly ok: false; readonly advice: string }
  | null;

interface Check {
  readonly name: string;
  readonly run: () => Finding;
}

const CLOCK_SOURCE = "/sys/devices/system/clocksource/clocksource0";
const HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";
const SOMAXCONN = "/proc/sys/net/core/somaxconn";
const OK: Finding = { ok: true };
const CLOCK_TEST_US = 50_000;
/** A clock that is read without entering the kernel leaves its share of the time below this. */
const KERNEL_SHARE_MAX = 0.1;

const CHECKS: readonly Check[] = [
  { name: "slow-clocksource", run: checkClockSpeed },
  { name: "xen-clocksource", run: checkXenClock },
  { name: "THP", run: checkHugePages },
];

/** Runs all checks, giving each line to `print`. True when nothing was found. */
export function checkSystem(print: (line: string) => void): boolean {
  let passed = true;
  for (const { name, run } of CHECKS) {
    const finding = run();
    if (finding === null) print(`[${name}]...skipped`);
    else if (finding.ok) print(`[${name}]...OK`);
    else {
      print(`[${name}]...WARNING:`);
      print(finding.advice);
      passed = false;
    }
  }
  return passed;
}

/** Warnings for the log at start. */
export function startWarnings(): string[] {
  return [checkHugePages(), checkXenClock()].flatMap((finding) =>
    finding === null || finding.ok ? [] : [`WARNING ${finding.advice}`],
  );
}

/** A warning when the kernel cuts the backlog of the listening sockets short; else null. */
export function backlogWarning(backlog: number): string | null {
  const somaxconn = Number.parseInt(firstLine(SOMAXCONN) ?? "0", 10);
  if (!(somaxconn > 0 && somaxconn < backlog)) return null;
  return (
    `WARNING: The TCP backlog setting of ${backlog} cannot be enforced because ${SOMAXCONN} ` +
    `is set to the lower value of ${somaxconn}.`
  );
}

function checkClockSpeed(): Finding {
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  while (process.hrtime.bigint() - start < CLOCK_TEST_US * 1000);
  const { user, system } = process.cpuUsage(before);
  if (system <= (user + system) * KERNEL_SHARE_MAX) return OK;
  const current = firstLine(`${CLOCK_SOURCE}/current_clocksource`) ?? "";
  const available = firstLine(`${CLOCK_SOURCE}/available_clocksource`) ?? "";
  return {
    ok: false,
    advice:
      `Slow system clocksource detected: reading the time enters the kernel. In use: ${current}. ` +
      `Available: ${available}. A faster one is chosen by writing its name, such as tsc, to ` +
      `${CLOCK_SOURCE}/current_clocksource as root.`,
  };
}

function checkXenClock(): Finding {
  const current = firstLine(`${CLOCK_SOURCE}/current_clocksource`);
  if (current === null) return null;
  if (current !== "xen") return OK;
  return {
    ok: false,
    advice:
      "Your system is configured to use the 'xen' clocksource which might lead to degraded " +
      "performance. `seedis --check-system` tells whether it does, under [slow-clocksource].",
  };
}

function checkHugePages(): Finding {
  const setting = firstLine(HUGE_PAGES);
  if (setting === null) return null;
  if (!setting.includes("[always]")) return OK;
  return {
    ok: false,
    advice:
      "You have Transparent Huge Pages (THP) support enabled in your kernel. This will create " +
      "latency and memory usage issues. To fix this run the command " +
      `'echo madvise > ${HUGE_PAGES}' as root, add it to your boot scripts, and restart the server.`,
  };
}

function firstLine(path: string): string | null {
  try {
    return readFileSync(path, "latin1").split("\n", 1)[0].trim();
  } catch {
    return null;
  }
}
