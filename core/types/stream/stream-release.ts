// Freeing streams and consumer groups: at once, or in the background when they have many pieces.
import { LAZY_FREE_EFFORT_MIN } from "../../keyspace/lazy-free.ts";
import { NONE, type Ref } from "../../memory/arena.ts";
import { IndexCursor } from "../../memory/index-cursor.ts";
import type { Job } from "../../node/jobs.ts";
import { Group, Stream } from "./stream.ts";
import { ID_WORDS } from "./stream-id.ts";
import type { Streams } from "./streams.ts";

/** Does in steps what a generator does between its yields. */
class StepsJob implements Job {
  readonly #steps: Generator<void>;

  constructor(steps: Generator<void>) {
    this.#steps = steps;
  }

  step(): boolean {
    return this.#steps.next().done !== true;
  }
}

/** Frees a stream that no key has any more. */
export function freeStream(streams: Streams, value: Ref): void {
  finish(freeSteps(streams, value));
}

/** As `freeStream`, as a job; null when the stream has few pieces, by Redis's count. */
export function freeStreamJob(streams: Streams, value: Ref): Job | null {
  const effort = freeEffort(streams, value);
  return effort > LAZY_FREE_EFFORT_MIN ? new StepsJob(freeSteps(streams, value)) : null;
}

/** Frees a group that no stream has any more, in the background when much is pending. */
export function freeGroup(streams: Streams, group: Group): void {
  const { groups, keyspace } = streams;
  const steps = groups.freeGroup(group.ref);
  if (groups.pendingCount(group) > LAZY_FREE_EFFORT_MIN) {
    keyspace.lazyFree.add(new StepsJob(steps), 0);
  } else {
    finish(steps);
  }
}

function finish(steps: Generator<void>): void {
  while (steps.next().done !== true) {
    // Every step frees a part.
  }
}

/** Own views: a stream may have to go while a command looks at another one. */
function freeEffort(streams: Streams, value: Ref): number {
  const { arena, groups } = streams;
  const stream = new Stream(arena);
  stream.open(value);
  const cursor = new IndexCursor(arena);
  if (!groups.firstName(stream.groups, cursor)) return stream.radixNodes;
  // All groups are taken to be like the first one.
  const group = new Group(arena);
  group.open(groups.owner(cursor.entry));
  const perGroup = 1 + groups.pendingCount(group);
  return stream.radixNodes + groups.nameCount(stream.groups) * perGroup;
}

function* freeSteps(streams: Streams, value: Ref): Generator<void> {
  const { arena, indexes, groups } = streams;
  const stream = new Stream(arena);
  stream.open(value);
  const { nodes, groups: names } = stream;
  const freeNodes = (words: Int32Array, at: number, count: number): void => {
    for (let i = 0; i < count; i++) arena.free(words[at + i * indexes.stride + ID_WORDS]);
  };
  // One node of the index has up to 64 nodes of the stream.
  while (indexes.destroyStep(nodes, 1, freeNodes)) yield;
  if (names !== NONE) {
    const cursor = new IndexCursor(arena);
    for (let more = groups.firstName(names, cursor); more; more = cursor.next()) {
      yield* groups.freeGroup(groups.owner(cursor.entry));
    }
    yield* groups.freeNames(names);
  }
  arena.free(value);
}
