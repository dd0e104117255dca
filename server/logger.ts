// The server's log, in Redis's format, which tools parse and wait for:
//
//   4242:M 02 Jan 2026 15:04:05.678 * Ready to accept connections tcp
//   pid  role and local time        level: `.` debug, `-` verbose, `*` notice, `#` warning
//
// The log file is opened for every line, as Redis does it: whoever rotates logs just moves the file
// away. `log-format json` gives the same messages as one JSON object a line, made by pino, which is
// loaded only then. Lines are written synchronously: the last ones before a crash matter most.
import { appendFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import type { Logger as Pino } from "pino";
import type { LogLevel } from "../core/node/host.ts";
import { toNativeText } from "./native-text.ts";

export interface LogSettings {
  readonly loglevel: LogLevel | "nothing";
  /** "" is standard output. */
  readonly logfile: string;
  readonly logFormat: "plain" | "json";
}

/** C: still starting, X: Sentinel, M: primary, S: replica. */
export type LogRole = "C" | "X" | "M" | "S";

const LEVELS = ["debug", "verbose", "notice", "warning", "nothing"];
const MARKS = ".-*#";
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const ROLE_NAMES = { C: "starting", X: "sentinel", M: "master", S: "slave" };
/** pino's usual names, so that log viewers know what is severe. */
const PINO_LEVELS = {
  debug: "debug",
  verbose: "verbose",
  notice: "info",
  warning: "warn",
} as const;
const PINO_VERBOSE = 25;

const STANDARD_OUTPUT = 1;
/** A reader of standard output that has fallen behind is waited for this long, then the line is lost. */
const BUSY_OUTPUT_RETRY_COUNT_MAX = 100;

export class Logger {
  readonly #settings: LogSettings;
  readonly #role: () => LogRole;
  #pino: Pino<"verbose"> | null = null;

  /** Reads `settings` anew for every line: CONFIG SET loglevel needs nothing else. */
  constructor(settings: LogSettings, role: () => LogRole) {
    this.#settings = settings;
    this.#role = role;
  }

  /** A line; `message` has one character per byte. */
  log(level: LogLevel, message: string): void {
    if (!this.shows(level)) return;
    if (this.#settings.logFormat === "json") this.#json(level, message);
    else this.#write(formatLine(process.pid, this.#role(), new Date(), level, message));
  }

  /** Whether messages of this level are written at all. */
  shows(level: LogLevel): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.#settings.loglevel);
  }

  /** Text as it is, in the plain format only: the logo. */
  raw(text: string): void {
    if (this.shows("notice") && this.#settings.logFormat === "plain") this.#write(text);
  }

  #json(level: LogLevel, message: string): void {
    this.#pino ??= this.#createPino();
    this.#pino[PINO_LEVELS[level]]({ role: ROLE_NAMES[this.#role()] }, toNativeText(message));
  }

  #createPino(): Pino<"verbose"> {
    const { pino } = createRequire(import.meta.url)("pino") as typeof import("pino");
    const write = (line: string): void => this.#write(Buffer.from(line, "utf8").toString("latin1"));
    return pino(
      {
        level: "debug",
        customLevels: { verbose: PINO_VERBOSE },
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write },
    );
  }

  #write(text: string): void {
    const bytes = Buffer.from(text, "latin1");
    const { logfile } = this.#settings;
    // There is nobody to tell that the log cannot be written.
    if (logfile === "") writeOutput(bytes);
    else ignoreErrors(() => appendFileSync(toNativeText(logfile), bytes));
  }
}

/** A line of the plain format. Local time, as in Redis. */
export function formatLine(
  pid: number,
  role: LogRole,
  time: Date,
  level: LogLevel,
  message: string,
): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const month = MONTHS.slice(time.getMonth() * 3, time.getMonth() * 3 + 3);
  const date = `${two(time.getDate())} ${month} ${time.getFullYear()}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const ms = String(time.getMilliseconds()).padStart(3, "0");
  return `${pid}:${role} ${date} ${clock}.${ms} ${MARKS[LEVELS.indexOf(level)]} ${message}\n`;
}

function writeOutput(bytes: Buffer): void {
  let written = 0;
  for (let retries = 0; written < bytes.length; retries++) {
    try {
      written += writeSync(STANDARD_OUTPUT, bytes, written);
    } catch (error) {
      const busy = (error as NodeJS.ErrnoException).code === "EAGAIN";
      if (!busy || retries === BUSY_OUTPUT_RETRY_COUNT_MAX) return;
      waitMs(1);
    }
  }
}

function ignoreErrors(action: () => void): void {
  try {
    action();
  } catch {
    // See the caller.
  }
}

/** Lets this whole thread sleep. */
export function waitMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
