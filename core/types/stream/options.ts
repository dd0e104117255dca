// What the commands on streams were asked for, in objects that are used again for every command.
import { ID_WHOLE, StreamId } from "./stream-id.ts";

export const TRIM_NOTHING = 0;
export const TRIM_TO_LENGTH = 1;
export const TRIM_BELOW_ID = 2;

/** What to remove from the front of a stream. */
export class Trim {
  strategy: number = TRIM_NOTHING;
  /** TRIM_TO_LENGTH: so many entries stay. */
  lengthMax = 0;
  /** TRIM_BELOW_ID: entries with a smaller ID go. */
  readonly minId: StreamId = new StreamId();
  /** Only whole nodes are removed. */
  isApproximate = false;
  /** At most so many entries are removed; 0 for any number. */
  limit = 0;
}

/** XADD, XTRIM. */
export class AddOptions {
  readonly trim: Trim = new Trim();
  /** The argument with the threshold of the trimming. */
  trimArgument = 0;
  readonly id: StreamId = new StreamId();
  /** How much of `id` was given: ID_WHOLE, ID_WITHOUT_SEQUENCE, or nothing (ID_INVALID). */
  idKind: number = ID_WHOLE;
  /** NOMKSTREAM. */
  onlyExisting = false;
}

/** XREAD, XREADGROUP. */
export class ReadOptions {
  /** Wall time in ms until when to wait; NaN for not at all. */
  deadlineMs: number = Number.NaN;
  /** Entries per stream at most; 0 for any number. */
  countMax = 0;
  noAck = false;
  /** The arguments with the names, 0 while there are none. */
  groupArgument = 0;
  consumerArgument = 0;
  /** The first key's argument, and the number of keys. */
  firstKey = 0;
  keyCount = 0;
  /** The group of each stream, if one was named. */
  groups: Int32Array = new Int32Array(8);

  reset(): void {
    this.deadlineMs = Number.NaN;
    this.countMax = 0;
    this.noAck = false;
    this.groupArgument = 0;
    this.consumerArgument = 0;
    this.firstKey = 0;
    this.keyCount = 0;
  }

  /** Makes room for `count` groups. */
  reserve(count: number): void {
    if (count > this.groups.length) this.groups = new Int32Array(count * 2);
  }
}

/** A list of IDs that grows as needed. */
export class StreamIds {
  readonly #ids: StreamId[] = [];

  at(index: number): StreamId {
    while (index >= this.#ids.length) this.#ids.push(new StreamId());
    return this.#ids[index];
  }
}
