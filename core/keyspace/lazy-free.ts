// Freeing in the background. Values of many pieces, and whole databases, are taken out of reach at
// once and given back to the arena in small steps of a job, so that neither UNLINK of a huge set nor
// FLUSHALL of millions of keys stalls anybody. What should go at once, as with DEL, mostly does; only
// the rest of a really huge value is left to the job, unseen in the statistics.

import type { Ref } from "../memory/arena.ts";
import type { Dicts } from "../memory/dict.ts";
import type { Job } from "../node/jobs.ts";
import { WIDE_ZERO } from "../util/wide.ts";

/** Values of at most this many pieces are freed at once, as in Redis: a job would cost more. */
export const LAZY_FREE_EFFORT_MIN = 64;
/** Steps that are done at once for a value that is not to be freed lazily: less than a millisecond. */
const URGENT_STEPS = 40;
/** Entries that one step of freeing a dict takes: some ten microseconds. */
export const LAZY_FREE_STEP_ENTRIES = 64;

interface Work {
  readonly job: Job;
  /** Objects that are pending until the job is done. */
  readonly objects: number;
  done: boolean;
  readonly onDone: (() => void) | null;
}

export class LazyFree implements Job {
  readonly #queue: Work[] = [];
  /** Large values that the work in front came upon: they go first, so that they never pile up. */
  readonly #found: Job[] = [];
  /** Values in the queue that `addUrgent` could not free at once. */
  #urgentRests = 0;
  /** Called when there is work again; the node then runs this as a job. */
  schedule: () => void = () => {};
  /** Values (INFO's lazyfree_pending_objects) that wait to be freed. */
  pendingObjects = 0;
  /** Values freed this way since the start or CONFIG RESETSTAT. */
  freedObjects: number = WIDE_ZERO;

  /** Queues a job that frees `objects` values; `onDone` is called once it and all before are done. */
  add(job: Job, objects: number, onDone: (() => void) | null = null): void {
    this.#queue.push({ job, objects, done: false, onDone });
    this.pendingObjects += objects;
    if (this.#queue.length === 1) this.schedule();
  }

  /**
   * Frees a value at once if that takes no longer than what nobody notices; else as much of it, and
   * queues the rest. Whatever comes while such a rest is waiting is queued whole: a command that
   * deletes many huge values takes no longer than one that deletes one.
   */
  addUrgent(job: Job): void {
    if (this.#urgentRests === 0) {
      let left = URGENT_STEPS;
      while (left > 0) {
        if (!job.step()) return;
        left--;
      }
    }
    this.#urgentRests++;
    this.add(job, 0, () => this.#urgentRests--);
  }

  /** Queues a large value that is part of the work in front. */
  addFound(job: Job): void {
    this.#found.push(job);
  }

  /** Calls `onDone` when everything that waits now has been freed. */
  whenDone(onDone: () => void): void {
    this.add({ step: () => false }, 0, onDone);
  }

  /** True when nothing waits. */
  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** One small step. Answers with whether more is to do. */
  step(): boolean {
    if (this.#queue.length === 0) return false;
    if (this.#found.length > 0) {
      if (!this.#found[this.#found.length - 1].step()) this.#found.pop();
      return true;
    }
    const work = this.#queue[0];
    if (!work.done) work.done = !work.job.step();
    if (!work.done || this.#found.length > 0) return true;
    this.#queue.shift();
    this.pendingObjects -= work.objects;
    this.freedObjects += work.objects;
    work.onDone?.();
    return this.#queue.length > 0;
  }

  /** Up to `steps` steps now. Answers with whether more is to do. */
  run(steps: number): boolean {
    for (let i = 0; i < steps; i++) if (!this.step()) return false;
    return this.#queue.length > 0;
  }
}

/** A job that frees a dict and its entries, for databases and for values that are dicts. */
export class FreeDictJob implements Job {
  readonly #dicts: Dicts;
  readonly #dict: Ref;
  readonly #freeEntry: (entry: Ref) => void;
  #place = 0;

  constructor(dicts: Dicts, dict: Ref, freeEntry: (entry: Ref) => void) {
    this.#dicts = dicts;
    this.#dict = dict;
    this.#freeEntry = freeEntry;
  }

  step(): boolean {
    this.#place = this.#dicts.destroyStep(
      this.#dict,
      this.#place,
      LAZY_FREE_STEP_ENTRIES,
      this.#freeEntry,
    );
    return this.#place !== -1;
  }
}
