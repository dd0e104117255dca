// A simulated server process: the real node behind the same boundary that the TCP server uses.
import { Config } from "../core/config/config.ts";
import type { Host, LogLevel, PeerInfo, ProcessFacts } from "../core/node/host.ts";
import { Node } from "../core/node/node.ts";
import { Trace } from "./trace.ts";
import type { World } from "./world.ts";

/** Few enough that pipelines are read ahead in every run, and not all of the time. */
const READ_AHEAD = { keysMin: 8, pauseEvents: 2 };
const FIRST_SEGMENT_BYTES = 64 * 1024;
/** A command takes this much virtual time by the monotonic clock. */
const COMMAND_US = 7;
/** Background steps between two events. */
const JOB_STEPS = 4;

const FACTS: ProcessFacts = {
  pid: 1,
  executable: "/sim/seedis",
  configFile: "",
  osName: "Simulation",
  archBits: 64,
  residentBytes: 16 * 1024 * 1024,
  systemMemoryBytes: 1024 * 1024 * 1024,
  cpuUserSeconds: 0,
  cpuSystemSeconds: 0,
  runtime: "simulation",
};

/** What a connection's other end gets to see. */
export interface Endpoint {
  /** The node sends. Answers with the bytes that now wait on the way. */
  received(bytes: Uint8Array, start: number, end: number): number;
  /** The node closes. */
  closed(): void;
}

export class SimulatedServer implements Host {
  readonly node: Node;
  readonly #world: World;
  readonly #endpoints: Map<number, Endpoint> = new Map();
  #nextConnection = 1;
  #clockUs = 0;
  readonly logLines: string[] = [];
  exitCode: number | null = null;
  onConnected: (connection: number) => void = () => {};
  /** Called for every chunk before the node gets it and for every answer: the checkers' ears. */
  onInput: (connection: number, bytes: Uint8Array, start: number, end: number) => void = () => {};
  onOutput: (connection: number, bytes: Uint8Array, start: number, end: number) => void = () => {};
  /** The connection broke; the node has closed it. */
  onGone: (connection: number) => void = () => {};
  onClosed: (connection: number) => void = () => {};
  /** Called when the node is done with an event, with the wall time at which that began. */
  onSettled: (nowMs: number) => void = () => {};
  readonly trace: Trace;
  #plannedDeadlineMs: number = Number.POSITIVE_INFINITY;

  constructor(
    world: World,
    nodeSeed: Uint8Array,
    directives: readonly (readonly [string, string])[],
  ) {
    this.#world = world;
    const config = new Config({ directory: "/sim" });
    for (const [name, value] of directives) config.assign(name, [value]);
    this.node = new Node(this, config, nodeSeed, {
      firstSegmentBytes: FIRST_SEGMENT_BYTES,
      readAhead: READ_AHEAD,
    });
    this.#setTime();
    this.node.onTick();
    this.trace = new Trace(this.node);
    this.#planTick();
  }

  #setTime(): void {
    this.node.setTime(this.#world.wallMs, this.#world.nowUs);
  }

  #planTick(): void {
    this.#world.planIn(Math.floor(1_000_000 / this.node.currentHz()), () => {
      if (this.exitCode !== null) return;
      this.#tick();
      this.#runJobs();
      this.#planTick();
    });
  }

  /** Background work goes on in small portions, as long as there is any. */
  #runJobs(): void {
    const more = this.node.runJobs(JOB_STEPS);
    this.#settled();
    if (!more) return;
    this.#world.planIn(1, () => {
      this.#setTime();
      this.#runJobs();
    });
  }

  #tick(): void {
    this.#setTime();
    this.node.onTick();
    this.#settled();
  }

  /** The node is done with an event: the checkers judge it, and its next timer is planned. */
  #settled(): void {
    this.onSettled(this.#world.wallMs);
    const deadlineMs = this.node.nextDeadlineMs();
    if (deadlineMs >= this.#plannedDeadlineMs) return;
    this.#plannedDeadlineMs = deadlineMs;
    this.#world.planIn(Math.max(0, deadlineMs - this.#world.wallMs) * 1000, () => {
      if (this.#plannedDeadlineMs === deadlineMs) {
        this.#plannedDeadlineMs = Number.POSITIVE_INFINITY;
      }
      if (this.exitCode === null) this.#tick();
    });
  }

  /** Changes the configuration as if by CONFIG SET, before anything happens. */
  configure(name: string, value: string): void {
    this.node.config.assign(name, [value]);
    this.node.configChanged();
  }

  // -- the world calls --------------------------------------------------------------------------

  connect(endpoint: Endpoint, peer: PeerInfo): number {
    const connection = this.#nextConnection++;
    this.#endpoints.set(connection, endpoint);
    this.#world.hash.word(connection);
    this.#setTime();
    this.onConnected(connection);
    this.node.onConnected(connection, peer);
    this.#settled();
    return connection;
  }

  deliver(connection: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#endpoints.has(connection)) return;
    this.#world.hash.word(connection);
    this.#world.hash.bytes(bytes, start, end);
    this.#setTime();
    this.onInput(connection, bytes, start, end);
    this.node.onReceived(connection, bytes, start, end);
    this.#settled();
  }

  /** The connection broke. */
  reset(connection: number): void {
    if (!this.#endpoints.delete(connection)) return;
    this.#world.hash.word(-connection);
    this.#setTime();
    this.onGone(connection);
    this.node.onClosed(connection);
    this.#settled();
  }

  // -- the node calls (Host) --------------------------------------------------------------------

  send(connection: number, bytes: Uint8Array, start: number, end: number): number {
    this.#world.hash.word(connection);
    this.#world.hash.bytes(bytes, start, end);
    this.onOutput(connection, bytes, start, end);
    return this.#endpoints.get(connection)?.received(bytes, start, end) ?? 0;
  }

  close(connection: number, _flush: boolean): void {
    const endpoint = this.#endpoints.get(connection);
    this.#endpoints.delete(connection);
    this.#world.hash.word(~connection);
    this.onClosed(connection);
    endpoint?.closed();
  }

  pauseReading(): void {}

  log(level: LogLevel, message: string): void {
    this.logLines.push(`${level}: ${message}`);
  }

  readFile(tag: number, _path: string): void {
    this.#world.planIn(50, () => {
      this.#setTime();
      this.node.onFileRead(tag, null, "No such file or directory");
      this.#settled();
    });
  }

  writeFile(tag: number, _path: string, _bytes: Uint8Array): void {
    this.#world.planIn(50, () => {
      this.#setTime();
      this.node.onFileWritten(tag, null);
      this.#settled();
    });
  }

  configChanged(): string | null {
    return null;
  }

  exit(code: number): void {
    this.exitCode = code;
  }

  monotonicUs(): number {
    this.#clockUs = Math.max(this.#clockUs + COMMAND_US, this.#world.nowUs);
    return this.#clockUs;
  }

  sleep(): void {}

  heapIsShort(): boolean {
    return false;
  }

  processFacts(): ProcessFacts {
    return FACTS;
  }
}
