import { afterEach, describe, expect, it } from "vitest";
import { monotonicUs } from "../../net/clock.ts";
import { type DrivenNode, EventLoop } from "../../server/event-loop.ts";
import { until } from "../net/echo-server.ts";

/** Notes what it is told; background work and deadlines are what the test says. */
class FakeNode implements DrivenNode {
  hz = 100;
  ticks: number[] = [];
  steps = 0;
  jobSteps = 0;
  deadlineMs = Infinity;
  wallMs = 0;
  us = 0;
  setTime(wallMs: number, us: number): void {
    this.wallMs = wallMs;
    this.us = us;
  }
  onTick(): void {
    this.ticks.push(this.us);
    if (this.wallMs >= this.deadlineMs) this.deadlineMs = Infinity;
  }
  runJobs(steps: number): boolean {
    this.steps += Math.min(steps, this.jobSteps);
    this.jobSteps = Math.max(0, this.jobSteps - steps);
    return this.jobSteps > 0;
  }
  nextDeadlineMs(): number {
    return this.deadlineMs;
  }
  currentHz(): number {
    return this.hz;
  }
  onConnected(): void {}
  onReceived(): void {}
  onEnded(): void {}
  onClosed(): void {}
  onSent(): void {}
  onSignal(): void {}
  onFileRead(): void {}
  onFileWritten(): void {}
}

let loop: EventLoop;
afterEach(() => loop.stop());

function start(node: FakeNode, endTurn = (): void => {}, pollsTwice?: () => boolean): void {
  loop = new EventLoop(node, { goOn: () => {}, endTurn }, pollsTwice);
  loop.start();
}

describe("the event loop", () => {
  it("ticks with the node's frequency, without drifting", async () => {
    const node = new FakeNode();
    const startUs = monotonicUs();
    start(node);
    await until(() => node.ticks.length >= 30);
    // Thirty ticks cannot come early; how late they come is the machine's business.
    expect(monotonicUs() - startUs).toBeGreaterThanOrEqual(30 * 10_000 - 2000);
  });

  it("looks at the sockets again after clients were served, for as long as that is advised", async () => {
    const startUs = monotonicUs();
    const calls: string[] = [];
    let looks = 3;
    const wait = {
      begin: (us: number): boolean => {
        expect(us).toBeGreaterThanOrEqual(startUs);
        expect(us).toBeLessThanOrEqual(monotonicUs());
        calls.push("begin");
        return true;
      },
      goOn: (): boolean => {
        calls.push("again");
        return --looks > 0;
      },
      end: (): void => {
        calls.push("end");
      },
    };
    const node = new FakeNode();
    // A tick between two looks ends the looking, and how often one comes in between is chance.
    node.hz = 1e-6;
    loop = new EventLoop(node, { goOn: () => {}, endTurn: () => {} }, undefined, wait);
    loop.start();
    loop.beginEvent();
    await until(() => calls.length >= 5);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls).toEqual(["end", "begin", "again", "again", "again"]);
    looks = 1000;
    loop.beginEvent();
    await until(() => calls.length > 10);
    calls.length = 0;
    loop.beginEvent();
    await until(() => calls.length > 2);
    expect(calls.slice(0, 2)).toEqual(["end", "begin"]);
  });

  it.each([
    [false, ["turn ends", "after one poll", "after two polls"]],
    [true, ["after one poll", "turn ends", "after two polls"]],
  ])("polls again before a turn ends: %s", async (pollsTwice, expected) => {
    const seen: string[] = [];
    const onTurnEnd = (): void => {
      seen.push("turn ends");
    };
    start(new FakeNode(), onTurnEnd, () => pollsTwice);
    await until(() => seen.length > 0);
    seen.length = 0;
    loop.beginEvent();
    setImmediate(() => {
      seen.push("after one poll");
      setImmediate(() => seen.push("after two polls"));
    });
    await until(() => seen.length >= 3);
    expect(seen.slice(0, 3)).toEqual(expected);
  });

  it("calls a turn long once clients have been served for some milliseconds", async () => {
    const ends: boolean[] = [];
    start(new FakeNode(), () => ends.push(loop.turnIsLong()));
    expect(loop.turnIsLong()).toBe(false);
    loop.beginEvent();
    expect(loop.turnIsLong()).toBe(false);
    const startUs = monotonicUs();
    while (monotonicUs() - startUs < 5000);
    // It is known with the next event: looking at the clock once more would be paid for by everybody.
    expect(loop.turnIsLong()).toBe(false);
    loop.beginEvent();
    expect(loop.turnIsLong()).toBe(true);
    await until(() => ends.includes(true));
    expect(loop.turnIsLong()).toBe(false);
  });

  it("ends a turn by the look that is due, also when from then on it has to poll twice", async () => {
    const wait = { begin: () => true, goOn: () => true, end: () => {} };
    let ends = 0;
    let pollsTwice = false;
    const endTurn = (): void => {
      ends++;
    };
    loop = new EventLoop(new FakeNode(), { goOn: () => {}, endTurn }, () => pollsTwice, wait);
    loop.start();
    for (let turn = 0; turn < 4; turn++) {
      pollsTwice = false;
      loop.beginEvent();
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      const before = ends;
      loop.beginEvent();
      pollsTwice = turn % 2 === 1;
      await until(() => ends > before);
    }
  });

  it("gives the node the time with every event", async () => {
    const node = new FakeNode();
    start(node);
    const before = Date.now();
    const beforeUs = monotonicUs();
    loop.beginEvent();
    expect(node.wallMs).toBeGreaterThanOrEqual(before);
    expect(node.us).toBeGreaterThanOrEqual(beforeUs);
    expect(node.us - beforeUs).toBeLessThan(1_000_000);
  });

  it("ticks for a deadline that comes before the next tick", async () => {
    const node = new FakeNode();
    node.hz = 1;
    start(node);
    loop.beginEvent();
    const deadlineMs = Date.now() + 20;
    node.deadlineMs = deadlineMs;
    await until(() => node.ticks.length > 0);
    expect(node.wallMs).toBeGreaterThanOrEqual(deadlineMs);
    expect(node.deadlineMs).toBe(Infinity);
  });

  it("takes a nearer deadline instead of the one it waits for", async () => {
    const node = new FakeNode();
    node.hz = 1;
    start(node);
    node.deadlineMs = Date.now() + 3_600_000;
    loop.beginEvent();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const deadlineMs = Date.now() + 20;
    node.deadlineMs = deadlineMs;
    loop.beginEvent();
    await until(() => node.ticks.length > 0);
    expect(node.wallMs).toBeGreaterThanOrEqual(deadlineMs);
  });

  it("survives a deadline further away than timers reach", async () => {
    const node = new FakeNode();
    node.deadlineMs = Date.now() + 1e12;
    const startUs = monotonicUs();
    start(node);
    await until(() => node.ticks.length >= 3);
    // A timer that overflowed would fire at once, and again: ticks would come early.
    expect(monotonicUs() - startUs).toBeGreaterThanOrEqual(3 * 10_000 - 2000);
  });

  it("finishes background work in slices, with turns of the event loop in between", async () => {
    const node = new FakeNode();
    let turns = 0;
    start(node, () => turns++);
    await until(() => turns === 1);
    const slow = node.runJobs.bind(node);
    node.runJobs = (steps) => {
      const startUs = monotonicUs();
      while (monotonicUs() - startUs < 500);
      return slow(steps);
    };
    node.jobSteps = 100;
    loop.requestTurnEnd();
    await until(() => node.jobSteps === 0);
    expect(node.steps).toBe(100);
    // Half a millisecond for four steps: at most a few of these fit into one slice.
    expect(turns).toBeGreaterThan(5);
  });

  it("ends a turn once, however often that is asked for", async () => {
    const node = new FakeNode();
    node.hz = 1;
    let turns = 0;
    start(node, () => turns++);
    await until(() => turns === 1);
    for (let i = 0; i < 10; i++) loop.beginEvent();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(turns).toBe(2);
  });

  it("does nothing after it was stopped", async () => {
    const node = new FakeNode();
    let turns = 0;
    start(node, () => turns++);
    loop.requestTurnEnd();
    loop.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(turns).toBe(0);
    expect(node.ticks).toEqual([]);
  });
});
