// `daemonize yes` and `supervised`.
//
// Node cannot fork, so the background process is a second one, started with the same arguments in
// the same folder. The first has read the configuration by then, so mistakes in it are still shown
// on the terminal; it passes on what it has read from standard input, which cannot be read twice.
import { spawn } from "node:child_process";
import type { Logger } from "./logger.ts";

/** Tells the second process that it is the one in the background. */
const BACKGROUND_VARIABLE = "SEEDIS_IN_BACKGROUND";

/** Whether this process is the one that a daemonizing process has started. Can be asked once. */
export function takeBackgroundMark(): boolean {
  const marked = process.env[BACKGROUND_VARIABLE] !== undefined;
  delete process.env[BACKGROUND_VARIABLE];
  return marked;
}

export interface BackgroundStart {
  readonly directory: string;
  /** What was read from standard input, of one character per byte; null when nothing was. */
  readonly standardInput: string | null;
}

/** Starts this program again in the background, then ends this process. */
export function daemonize({ directory, standardInput }: BackgroundStart): void {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: directory,
    detached: true,
    env: { ...process.env, [BACKGROUND_VARIABLE]: "yes" },
    stdio: [standardInput === null ? "ignore" : "pipe", "ignore", "ignore"],
  });
  child.on("error", () => process.exit(1));
  child.on("spawn", () => {
    if (child.stdin === null) process.exit(0);
    else child.stdin.end(Buffer.from(standardInput ?? "", "latin1"), () => process.exit(0));
  });
}

/** True when a supervisor looks after this process, which then stays in the foreground. */
export function isSupervised(mode: "upstart" | "systemd" | "auto" | "no", logger: Logger): boolean {
  if (mode === "upstart" || (mode === "auto" && process.env.UPSTART_JOB !== undefined)) {
    return underUpstart(logger);
  }
  if (mode === "systemd" || (mode === "auto" && process.env.NOTIFY_SOCKET !== undefined)) {
    // systemd is told through a datagram socket, which Node does not have. Type=simple works.
    logger.log(
      "warning",
      "systemd supervision requested or auto-detected, but Seedis has no libsystemd support!",
    );
  }
  return false;
}

/** Upstart takes a process that stops itself as ready. */
function underUpstart(logger: Logger): boolean {
  if (process.env.UPSTART_JOB === undefined) {
    logger.log("warning", "upstart supervision requested, but UPSTART_JOB not found!");
    return false;
  }
  logger.log("notice", "supervised by upstart, will stop to signal readiness.");
  process.kill(process.pid, "SIGSTOP");
  delete process.env.UPSTART_JOB;
  return true;
}
