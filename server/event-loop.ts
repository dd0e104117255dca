// What drives the node besides its connections: the regular tick, timers that must not wait for it,
// and background work in the time that is left.
//
// A turn of the event loop is: sockets are read, then `#endTurn` runs (setImmediate comes right
// after all sockets). Work is done there in short slices, so no turn gets long; while there is more,
// turns follow each other without waiting. An idle server wakes up `hz` times a second and no more.
//
// The kernel keeps a socket that was read in its list of readable ones until it is asked the next
// time. Should the peer be answered and send its next request before that, it is read first, in front
// of whoever sent something in between. Where that matters, because what one client has sent decides
// about another's (maxmemory-clients), the sockets are looked at once more before anybody is answered.
import { setImmediate } from "node:timers";
import type { Node } from "../core/node/node.ts";
import { WIDE_ZERO } from "../core/util/wide.ts";
import { monotonicUs } from "../net/clock.ts";
import { SpinWait } from "./spin-wait.ts";

/** What a host calls on a node. A test may drive something simpler. */
export type DrivenNode = Pick<
  Node,
  | "setTime"
  | "onConnected"
  | "onReceived"
  | "onEnded"
  | "onClosed"
  | "onSent"
  | "onTick"
  | "onSignal"
  | "onFileRead"
  | "onFileWritten"
  | "runJobs"
  | "nextDeadlineMs"
  | "currentHz"
>;

/** What is called at the end of each turn in which something happened. */
export interface DrivenServer {
  /** Takes up what there was no time for in earlier turns. */
  goOn(): void;
  /** Lets out what was sent. */
  endTurn(): void;
}

/** Who says whether to look again before sleeping. A test may have its own. */
type Waiting = Pick<SpinWait, "begin" | "goOn" | "end">;

/** Steps of background work between two looks at the clock. */
const JOB_STEP_COUNT = 4;
/** Time for background work per turn; less of it while clients are being served. */
const IDLE_SLICE_US = 1000;
const BUSY_SLICE_US = 250;
/** After this much time for clients a turn should end: what they have sent since then waits. */
const TURN_US_MAX = 2500;
/** Timers longer than this overflow in Node and would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** What the sum of two clocks may lack for being the whole number that it should be. */
const ROUNDING_MS = 0.001;

export class EventLoop {
  readonly #node: DrivenNode;
  readonly #server: DrivenServer;
  /** Whether a turn looks at the sockets once more before it ends. */
  readonly #pollsTwice: () => boolean;
  #tickTimer: NodeJS.Timeout | undefined;
  #nextTickUs = WIDE_ZERO;
  #deadlineTimer: NodeJS.Timeout | undefined;
  /** What `#deadlineTimer` is set to, in wall time. */
  #deadlineMs = Infinity;
  #turnEndRequested = false;
  /** `#lookAgain` will be called after the sockets have been looked at. */
  #looksAgain = false;
  #served = false;
  /** When the first event of this turn began, and the last one. */
  #turnStartUs = WIDE_ZERO;
  #eventUs = WIDE_ZERO;
  /** When the last turn had nothing more to do. */
  #idleSinceUs = WIDE_ZERO;
  /** Wall time minus monotonic time in ms, as of the last `#setTime`; within a turn it is kept. */
  #wallOffsetMs = WIDE_ZERO;
  #stopped = false;
  readonly #wait: Waiting;
  readonly #endTurnCallback = (): void => this.#endTurn();
  readonly #lookAgainCallback = (): void => this.#lookAgain();
  readonly #afterPollCallback = (): void => this.#afterPoll();

  constructor(
    node: DrivenNode,
    server: DrivenServer,
    pollsTwice: () => boolean = () => false,
    wait: Waiting = new SpinWait(),
  ) {
    this.#node = node;
    this.#server = server;
    this.#pollsTwice = pollsTwice;
    this.#wait = wait;
  }

  start(): void {
    this.#nextTickUs = monotonicUs();
    this.#scheduleTick();
    this.requestTurnEnd();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#tickTimer);
    clearTimeout(this.#deadlineTimer);
  }

  /** Begins an event of a client's or of the host's: gives the node the time. */
  beginEvent(): void {
    const nowUs = monotonicUs();
    // Reading both clocks for every event would cost as much as a short command does.
    if (!this.#served) this.#beginServing(nowUs);
    else this.#node.setTime(Math.floor(nowUs / 1000 + this.#wallOffsetMs + ROUNDING_MS), nowUs);
    this.#eventUs = nowUs;
    this.#served = true;
    this.requestTurnEnd();
  }

  /** Whether clients have been served for so long in this turn that it should end. */
  turnIsLong(): boolean {
    return this.#served && this.#eventUs - this.#turnStartUs > TURN_US_MAX;
  }

  #beginServing(nowUs: number): void {
    this.#turnStartUs = nowUs;
    this.#wait.end(nowUs);
    this.#setTime(nowUs);
  }

  #setTime(nowUs: number): void {
    const wallMs = Date.now();
    this.#wallOffsetMs = wallMs - nowUs / 1000;
    this.#node.setTime(wallMs, nowUs);
  }

  /** Something is to do at the end of this turn. */
  requestTurnEnd(): void {
    if (this.#turnEndRequested || this.#stopped) return;
    this.#turnEndRequested = true;
    // A look that is due comes at the same time: one callback less.
    if (!this.#looksAgain) setImmediate(this.#afterPollCallback);
  }

  /** The sockets have been looked at since the end of the turn was requested. */
  #afterPoll(): void {
    if (this.#pollsTwice()) setImmediate(this.#endTurnCallback);
    else this.#endTurn();
  }

  #endTurn(): void {
    this.#turnEndRequested = false;
    if (this.#stopped) return;
    this.#server.goOn();
    this.#server.endTurn();
    const served = this.#served;
    const more = this.#runJobs();
    // What the work has sent leaves before anybody is read again: until then it counts as memory in
    // use, and evicting keys for its sake would send even more.
    if (this.#turnEndRequested) this.#server.endTurn();
    if (more) this.requestTurnEnd();
    this.#armDeadline();
    if (!served || this.#turnEndRequested) return;
    if (this.#wait.begin(this.#idleSinceUs)) this.#lookAgainLater();
  }

  #lookAgainLater(): void {
    this.#looksAgain = true;
    setImmediate(this.#lookAgainCallback);
  }

  /** The sockets have been looked at once more. */
  #lookAgain(): void {
    this.#looksAgain = false;
    if (this.#stopped) return;
    if (this.#turnEndRequested) this.#afterPoll();
    else if (this.#wait.goOn(monotonicUs())) this.#lookAgainLater();
  }

  /** True while background work is left. */
  #runJobs(): boolean {
    const sliceUs = this.#served ? BUSY_SLICE_US : IDLE_SLICE_US;
    this.#served = false;
    const startUs = monotonicUs();
    let nowUs = startUs;
    let more = true;
    while (more && nowUs - startUs < sliceUs && !this.#stopped) {
      this.#setTime(nowUs);
      more = this.#node.runJobs(JOB_STEP_COUNT);
      if (more) nowUs = monotonicUs();
    }
    this.#idleSinceUs = nowUs;
    return more;
  }

  #scheduleTick(): void {
    const intervalUs = 1_000_000 / this.#node.currentHz();
    const nowUs = monotonicUs();
    // After a long stop missed ticks are not made up for.
    this.#nextTickUs = Math.max(this.#nextTickUs + intervalUs, nowUs);
    const delayMs = Math.round((this.#nextTickUs - nowUs) / 1000);
    this.#tickTimer = setTimeout(() => this.#tick(), delayMs);
  }

  #tick(): void {
    this.#scheduleTick();
    this.#setTime(monotonicUs());
    this.#node.onTick();
    this.requestTurnEnd();
  }

  /** Sets a timer when the node waits for a moment before the next tick. */
  #armDeadline(): void {
    const deadlineMs = this.#node.nextDeadlineMs();
    // An earlier timer that is still set fires for nothing and is then set anew.
    if (deadlineMs >= this.#deadlineMs) return;
    clearTimeout(this.#deadlineTimer);
    this.#deadlineMs = deadlineMs;
    const delayMs = Math.min(Math.max(deadlineMs - Date.now(), 1), TIMER_MS_MAX);
    this.#deadlineTimer = setTimeout(() => {
      this.#deadlineMs = Infinity;
      this.#node.setTime(Date.now(), monotonicUs());
      if (this.#node.nextDeadlineMs() <= Date.now()) this.#node.onTick();
      this.requestTurnEnd();
    }, delayMs);
  }
}
