// The model of a stream's content: entries in an array, what groups have delivered in maps. IDs are
// one integer of 128 bits, time above sequence.
import { array, bulk, bulks, error } from "./replies.ts";

export interface StreamNode {
  /** Entries that are still there. */
  live: number;
  /** Those that were deleted one by one are counted, too. */
  total: number;
  /** ID of the last entry that came in, deleted or not. */
  lastId: bigint;
}

export interface StreamEntry {
  readonly id: bigint;
  readonly fields: readonly string[];
  readonly node: StreamNode;
}

export interface PendingEntry {
  consumer: string;
  timeMs: number;
  count: bigint;
}

export interface Consumer {
  seenMs: number;
  /** -1: never. */
  activeMs: number;
}

export interface Group {
  lastId: bigint;
  /** -1: not known. */
  entriesRead: bigint;
  readonly pending: Map<bigint, PendingEntry>;
  readonly consumers: Map<string, Consumer>;
}

export interface ModelStream {
  readonly kind: "stream";
  entries: StreamEntry[];
  /** Redis keeps entries in nodes, and approximate trimming removes whole nodes only. */
  nodes: StreamNode[];
  lastId: bigint;
  firstId: bigint;
  maxDeletedId: bigint;
  entriesAdded: bigint;
  readonly groups: Map<string, Group>;
}

export const ID_MAX: bigint = 2n ** 128n - 1n;
export const SEQUENCE_MAX: bigint = 2n ** 64n - 1n;
const INVALID_ID: string = error("Invalid stream ID specified as stream command argument");

export function emptyStream(): ModelStream {
  return {
    kind: "stream",
    entries: [],
    nodes: [],
    lastId: 0n,
    firstId: 0n,
    maxDeletedId: 0n,
    entriesAdded: 0n,
    groups: new Map(),
  };
}

export function duplicateStream(stream: ModelStream): ModelStream {
  const nodes = new Map(stream.nodes.map((node) => [node, { ...node }]));
  return {
    ...stream,
    entries: stream.entries.map((entry) => ({ ...entry, node: nodes.get(entry.node)! })),
    nodes: [...nodes.values()],
    groups: new Map([...stream.groups].map(([name, group]) => [name, duplicateGroup(group)])),
  };
}

function duplicateGroup(group: Group): Group {
  return {
    ...group,
    pending: new Map([...group.pending].map(([id, pending]) => [id, { ...pending }])),
    consumers: new Map([...group.consumers].map(([name, consumer]) => [name, { ...consumer }])),
  };
}

// -- IDs --------------------------------------------------------------------------------------------

export function idText(id: bigint): string {
  return `${id >> 64n}-${id & SEQUENCE_MAX}`;
}

function unsigned(text: string): bigint | null {
  if (!/^[0-9]{1,20}$/.test(text)) return null;
  const value = BigInt(text);
  return value > SEQUENCE_MAX ? null : value;
}

/** An ID; a missing sequence is `missing`. Null when it is none. */
export function parseId(text: string, missing = 0n): bigint | null {
  const dash = text.indexOf("-");
  const ms = unsigned(dash === -1 ? text : text.slice(0, dash));
  const sequence = dash === -1 ? missing : unsigned(text.slice(dash + 1));
  return ms === null || sequence === null ? null : (ms << 64n) | sequence;
}

/** An end of a range, both included; an error reply when it is none. */
export function parseEdge(text: string, isStart: boolean): bigint | string {
  const exclusive = text.length > 1 && text[0] === "(";
  if (!exclusive && text === "-") return 0n;
  if (!exclusive && text === "+") return ID_MAX;
  const id = parseId(exclusive ? text.slice(1) : text, isStart ? 0n : SEQUENCE_MAX);
  if (id === null) return INVALID_ID;
  if (!exclusive) return id;
  if (isStart) return id === ID_MAX ? error("invalid start ID for the interval") : id + 1n;
  return id === 0n ? error("invalid end ID for the interval") : id - 1n;
}

export { INVALID_ID };

// -- entries ------------------------------------------------------------------------------------------

export function entryReply(entry: StreamEntry): string {
  return array([bulk(idText(entry.id)), bulks(entry.fields)]);
}

/** Index of the first entry that is not below `id`. */
export function lowerBound(entries: readonly { readonly id: bigint }[], id: bigint): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function entryAt(stream: ModelStream, id: bigint): StreamEntry | undefined {
  const entry = stream.entries[lowerBound(stream.entries, id)];
  return entry?.id === id ? entry : undefined;
}

export function sortedIds(ids: Iterable<bigint>): bigint[] {
  return [...ids].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Is there, as far as the stream remembers, a deleted entry behind `from`? */
function hasTombstones(stream: ModelStream, from: bigint): boolean {
  if (stream.entries.length === 0 || stream.maxDeletedId === 0n) return false;
  return stream.firstId <= stream.maxDeletedId && from <= stream.maxDeletedId;
}

/** How many entries were ever added up to `id`; -1 when that cannot be told. */
function countUpTo(stream: ModelStream, id: bigint): bigint {
  const { entriesAdded, entries, lastId, firstId, maxDeletedId } = stream;
  if (entriesAdded === 0n) return 0n;
  if (entries.length === 0 && id <= lastId) return entriesAdded;
  if (id === lastId) return entriesAdded;
  if (id > lastId) return -1n;
  if (maxDeletedId === 0n || maxDeletedId < firstId) {
    if (id < firstId) return entriesAdded - BigInt(entries.length);
    if (id === firstId) return entriesAdded - BigInt(entries.length) + 1n;
  }
  return -1n;
}

/** The group has now read up to `id`. */
export function moveOn(stream: ModelStream, group: Group, id: bigint): void {
  if (group.entriesRead !== -1n && !hasTombstones(stream, id)) group.entriesRead++;
  else if (stream.entriesAdded > 0n) group.entriesRead = countUpTo(stream, id);
  group.lastId = id;
}

/** Entries that the group has not read; null when that cannot be told. */
export function lagOf(stream: ModelStream, group: Group): bigint | null {
  if (stream.entriesAdded === 0n) return 0n;
  if (group.entriesRead !== -1n && !hasTombstones(stream, group.lastId)) {
    return stream.entriesAdded - group.entriesRead;
  }
  const read = countUpTo(stream, group.lastId);
  return read === -1n ? null : stream.entriesAdded - read;
}
