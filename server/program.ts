// A server process from start to end: configuration, log, signals, files that others look at.
// Scripts and test suites wait for lines of the log, so these come with Redis's words and in its
// order.
import { rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { isatty } from "node:tty";
import { COMMAND_FACTS } from "../core/commands/command-facts.ts";
import { parseCommandLine } from "../core/config/command-line.ts";
import { Config } from "../core/config/config.ts";
import type { LoadFailure } from "../core/config/load.ts";
import { procTitle } from "../core/config/proc-title.ts";
import { Node } from "../core/node/node.ts";
import { REDIS_VERSION, SEEDIS_VERSION } from "../core/version.ts";
import { thrownText } from "../net/strerror.ts";
import { COMMIT, logo } from "./banner.ts";
import { configSource, enterDirectory } from "./config-source.ts";
import { daemonize, isSupervised, takeBackgroundMark } from "./daemon.ts";
import { Logger, type LogRole } from "./logger.ts";
import { toByteText, toNativeText } from "./native-text.ts";
import { NodeHost } from "./node-host.ts";
import { OomScore } from "./oom-score.ts";
import { clientsAllowed, clientsReduced, openFilesLimit } from "./open-files.ts";
import { backlogWarning, startWarnings } from "./system-checks.ts";
import { startWarmUp } from "./warm-up.ts";

const STANDARD_OUTPUT = 1;
const SEED_BYTES = 32;
const DEFAULT_PID_FILE = "/var/run/redis.pid";
const SMALL_MAXMEMORY_BYTES = 1024 * 1024;

export class Program {
  readonly #args: readonly string[];
  readonly #name = basename(process.argv[1]);
  readonly #startDirectory = process.cwd();
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #oomScore = new OomScore();
  readonly #host: NodeHost;
  /** The configuration is loaded: log lines are the server's own from now on. */
  #initialized = false;
  /** "" when none was written. */
  #pidFile = "";

  /** `args` is the command line without the program, with one character per byte. */
  constructor(args: readonly string[]) {
    this.#args = args;
    const sentinel = parseCommandLine(args).sentinel || this.#name.includes("redis-sentinel");
    this.#config = new Config({ directory: toByteText(this.#startDirectory), sentinel });
    this.#logger = new Logger(this.#config.values, () => this.#role());
    this.#host = new NodeHost({
      config: this.#config,
      log: (level, message) => this.#logger.log(level, message),
      exit: (code) => this.#exit(code),
      applyToProcess: (names) => this.#apply(names),
      executable: toByteText(process.argv[1]),
    });
  }

  #role(): LogRole {
    if (this.#config.sentinel) return "X";
    if (!this.#initialized) return "C";
    return this.#config.values.replicaof === null ? "M" : "S";
  }

  /** Starts the server; it then runs until the node asks to exit. */
  async start(): Promise<void> {
    const standardInput = this.#loadConfig();
    if (this.#config.sentinel)
      this.#fail("Sentinel mode is not available in this version, exiting.");
    for (const warning of startWarnings()) this.#logger.log("warning", warning);
    const { values } = this.#config;
    const inBackground = takeBackgroundMark();
    const supervised = isSupervised(values.supervised, this.#logger);
    if (values.daemonize && !supervised && !inBackground) {
      daemonize({ directory: this.#startDirectory, standardInput });
      return;
    }
    this.#logStart();
    this.#initialized = true;
    this.#handleSignals();
    this.#limitClients();
    this.#logger.log("notice", "monotonic clock: POSIX clock_gettime");
    await this.#serve(inBackground);
  }

  /** Reads the configuration; answers with what came from standard input, or null. */
  #loadConfig(): string | null {
    let standardInput: string | null = null;
    const source = configSource({
      log: (level, message) => this.#logger.log(level, message),
      isCommand: (name) => COMMAND_FACTS.has(name),
    });
    const failure = this.#config.loadArgs(this.#args, {
      ...source,
      readStandardInput: () => {
        standardInput = source.readStandardInput!();
        return standardInput;
      },
    });
    if (failure !== null) this.#refuse(failure);
    this.#noteDirectory();
    return standardInput;
  }

  /** The configuration may say "./data" or name a link; CONFIG GET shows the real folder. */
  #noteDirectory(): void {
    this.#config.setDirectory(toByteText(process.cwd()));
  }

  #refuse(failure: LoadFailure): never {
    if ("log" in failure) this.#fail(failure.log);
    process.stderr.write(Buffer.from(failure.output, "latin1"));
    process.exit(1);
  }

  #fail(message: string): never {
    this.#logger.log("warning", message);
    process.exit(1);
  }

  #logStart(): void {
    const { pid } = process;
    this.#logger.log("notice", "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    this.#logger.log(
      "notice",
      `Redis version=${REDIS_VERSION}, bits=64, commit=${COMMIT}, modified=0, pid=${pid}, just started`,
    );
    if (this.#args.length > 0) {
      this.#logger.log("notice", "Configuration loaded");
      return;
    }
    this.#logger.log(
      "warning",
      "Warning: no config file specified, using the default config. In order to specify a config " +
        `file use ${this.#name} /path/to/redis.conf`,
    );
  }

  // -- signals and the end ------------------------------------------------------------------------

  #handleSignals(): void {
    process.on("SIGTERM", () => this.#host.signal("SIGTERM"));
    process.on("SIGINT", () => this.#host.signal("SIGINT"));
    process.on("SIGHUP", ignore);
    // Node would open a debugger's port.
    process.on("SIGUSR1", ignore);
    process.on("uncaughtException", (error) => this.#crash(error));
  }

  /** A broken invariant, or no memory: the state cannot be trusted any more. */
  #crash(error: unknown): never {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (this.#config.values.crashLogEnabled) {
      this.#logger.raw("\n\n");
      const lines = [
        "=== REDIS BUG REPORT START: Cut & paste starting from here ===",
        `Redis ${REDIS_VERSION} (Seedis ${SEEDIS_VERSION}) crashed by an exception`,
        ...text.split("\n"),
        "=== REDIS BUG REPORT END. Make sure to include from START to END. ===",
      ];
      for (const line of lines) this.#logger.log("warning", line);
    } else {
      this.#logger.log("warning", `Crashed by an exception: ${text}`);
    }
    this.#removePidFile();
    process.exit(1);
  }

  /** The node has ended; its sockets are closed. */
  #exit(code: number): never {
    this.#removePidFile();
    process.exit(code);
  }

  // -- starting to serve ----------------------------------------------------------------------------

  /** Allows no more clients than the limit of open files does. */
  #limitClients(): void {
    const { maxclients } = this.#config.values;
    const limit = openFilesLimit();
    const allowed = clientsAllowed(maxclients, limit);
    if (allowed === maxclients) return;
    for (const line of clientsReduced(maxclients, limit)) this.#logger.log("warning", line);
    if (allowed < 1) process.exit(1);
    this.#config.assign("maxclients", [String(allowed)]);
  }

  async #serve(inBackground: boolean): Promise<void> {
    const { values } = this.#config;
    this.#logMode();
    const warning = backlogWarning(values.tcpBacklog);
    if (warning !== null) this.#logger.log("warning", warning);
    if (values.syslogEnabled) {
      this.#logger.log(
        "warning",
        "WARNING syslog-enabled has no effect: use the log file instead.",
      );
    }
    if (values.tlsPort !== 0 || values.tlsReplication || values.tlsCluster) {
      this.#fail("Failed finding TLS support.");
    }
    const seed = globalThis.crypto.getRandomValues(new Uint8Array(SEED_BYTES));
    const node = new Node(this.#host, this.#config, seed);
    this.#host.drive(node);
    const failure = await this.#host.listen();
    if (failure !== null) this.#fail(failure);
    if (inBackground || values.pidfile !== "") this.#writePidFile();
    this.#setTitle();
    this.#logger.log("notice", "Server initialized");
    if (values.port !== 0) this.#logger.log("notice", "Ready to accept connections tcp");
    if (values.unixsocket !== "") this.#logger.log("notice", "Ready to accept connections unix");
    this.#warnOfSmallMemory();
    this.#applyOomScore();
    startWarmUp(() => node.statistics.commandsProcessed);
  }

  #logMode(): void {
    const { values } = this.#config;
    const mode = values.clusterEnabled ? "cluster" : "standalone";
    const { port, alwaysShowLogo, syslogEnabled, logfile } = values;
    const interactive = !syslogEnabled && logfile === "" && isatty(STANDARD_OUTPUT);
    if (interactive || alwaysShowLogo) this.#logger.raw(logo({ mode, port, pid: process.pid }));
    else this.#logger.log("notice", `Running mode=${mode}, port=${port}.`);
  }

  #warnOfSmallMemory(): void {
    const { maxmemory } = this.#config.values;
    if (maxmemory === 0 || maxmemory >= SMALL_MAXMEMORY_BYTES) return;
    this.#logger.log(
      "warning",
      "WARNING: You specified a maxmemory value that is less than 1MB (current value is " +
        `${maxmemory} bytes). Are you sure this is what you really want?`,
    );
  }

  #writePidFile(): void {
    const path = this.#config.values.pidfile || DEFAULT_PID_FILE;
    try {
      writeFileSync(toNativeText(path), `${process.pid}\n`);
      this.#pidFile = path;
    } catch (error) {
      this.#logger.log("warning", `Failed to write PID file: ${thrownText(error)}`);
    }
  }

  #removePidFile(): void {
    if (this.#pidFile === "") return;
    rmSync(toNativeText(this.#pidFile), { force: true });
    this.#pidFile = "";
  }

  #setTitle(): void {
    const { values, sentinel, configFile } = this.#config;
    if (!values.setProcTitle) return;
    const facts = { title: this.#name, sentinel, configFile };
    const title = procTitle(values.procTitleTemplate, values, facts);
    if (title !== null) process.title = toNativeText(title);
  }

  // -- changes at run time --------------------------------------------------------------------------

  /** Puts directives that concern the process into effect; null, or why that cannot be done. */
  #apply(names: readonly string[]): string | null {
    const { values } = this.#config;
    if (names.includes("dir")) {
      const failure = enterDirectory(values.dir);
      if (failure !== null) return failure;
      this.#noteDirectory();
    }
    if (names.includes("maxclients")) {
      const allowed = clientsAllowed(values.maxclients, openFilesLimit());
      if (allowed < values.maxclients) {
        return (
          "The operating system is not able to handle the specified number of clients, " +
          `try with ${allowed}`
        );
      }
    }
    if (names.some((name) => name.startsWith("oom-score-adj")) && !this.#applyOomScore()) {
      return "Failed to set current oom_score_adj. Check server logs.";
    }
    if (names.some((name) => TITLE_DIRECTIVES.includes(name))) this.#setTitle();
    return null;
  }

  #applyOomScore(): boolean {
    const failure = this.#oomScore.apply(this.#config.values);
    if (failure !== null) this.#logger.log("warning", failure);
    return failure === null;
  }
}

/** What the title of the process is made of. */
const TITLE_DIRECTIVES = ["proc-title-template", "port", "bind"];

function ignore(): void {}
