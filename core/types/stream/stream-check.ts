// Checking a stream from outside, for tests, fuzzers and the simulator.
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { IndexCursor } from "../../memory/index-cursor.ts";
import { lpBytes } from "../../memory/listpack.ts";
import { verifyOrderedIndex } from "../../memory/ordered-index-check.ts";
import { verifyIdIndex } from "./id-index-check.ts";
import { EMPTY_RADIX_NODES } from "./radix-nodes.ts";
import { Consumer, Group, Pending, Stream } from "./stream.ts";
import { ID_WORDS, StreamId } from "./stream-id.ts";
import { isStreamNode } from "./stream-node.ts";
import type { Streams } from "./streams.ts";

/**
 * Walks the whole stream and throws when a node, a count, an order, an ID or the owner of a pending
 * entry is wrong. Adds the references of all its blocks to `blocks`. `knowsFirstId`: the first ID is
 * not only what a payload has claimed.
 */
export function verifyStream(
  streams: Streams,
  value: Ref,
  blocks: Set<Ref>,
  knowsFirstId: boolean = true,
): void {
  const stream = new Stream(streams.arena);
  stream.open(value);
  blocks.add(value);
  verifyNodes(streams, stream, blocks);
  if (knowsFirstId) verifyFirstId(streams, stream);
  const { groups } = streams;
  if (stream.groups === NONE) return;
  for (const block of verifyOrderedIndex(groups.names, stream.groups)) blocks.add(block);
  const cursor = new IndexCursor(streams.arena);
  const group = new Group(streams.arena);
  for (let more = groups.firstName(stream.groups, cursor); more; more = cursor.next()) {
    group.open(groups.owner(cursor.entry));
    check(group.name === cursor.entry, "name of a group");
    blocks.add(cursor.entry);
    blocks.add(group.ref);
    verifyGroup(streams, group, blocks);
  }
}

function verifyNodes(streams: Streams, stream: Stream, blocks: Set<Ref>): void {
  const { arena, indexes, nodes } = streams;
  verifyIdIndex(indexes, stream.nodes, blocks);
  const cursor = indexes.cursor();
  const id = new StreamId();
  const last = new StreamId();
  let live = 0;
  for (let more = indexes.first(stream.nodes, cursor); more; more = cursor.next()) {
    const node = cursor.words[cursor.at + ID_WORDS];
    id.load(cursor.words, cursor.at);
    blocks.add(node);
    const bytes = arena.u8[node >>> SEGMENT_SHIFT];
    const base = (node & GRANULE_MASK) << 3;
    const size = lpBytes(bytes, base);
    check(size <= arena.sizeOf(node), "size of a node");
    check(isStreamNode(bytes, base, size, id, last), "node");
    live += nodes.liveCount(node);
  }
  check(live === stream.length, "length");
  check(stream.compareLastId(last) <= 0, "last ID");
  check(stream.radixNodes === radixNodes(streams, stream), "count of radix nodes");
}

/** Adds the nodes' keys to an empty tree one by one. */
function radixNodes(streams: Streams, stream: Stream): number {
  const { indexes, radix } = streams;
  const index = indexes.create();
  const cursor = indexes.cursor();
  const id = new StreamId();
  let count = EMPTY_RADIX_NODES;
  for (let more = indexes.last(stream.nodes, cursor); more; more = cursor.previous()) {
    id.load(cursor.words, cursor.at);
    count += radix.change(index, id);
    indexes.insert(index, id);
  }
  indexes.destroyStep(index, Number.MAX_SAFE_INTEGER, null);
  return count;
}

function verifyFirstId(streams: Streams, stream: Stream): void {
  const first = new StreamId();
  check(streams.edgeId(stream, true, first) === stream.length > 0, "first entry");
  check(stream.compareFirstId(first) === 0, "first ID");
}

function verifyGroup(streams: Streams, group: Group, blocks: Set<Ref>): void {
  const { groups } = streams;
  if (group.pending !== NONE) verifyIdIndex(groups.pending, group.pending, blocks);
  if (group.consumers === NONE) return check(groups.pendingCount(group) === 0, "owner");
  for (const block of verifyOrderedIndex(groups.names, group.consumers)) blocks.add(block);
  const cursor = new IndexCursor(streams.arena);
  const consumer = new Consumer(streams.arena);
  let owned = 0;
  for (let more = groups.firstName(group.consumers, cursor); more; more = cursor.next()) {
    consumer.open(groups.owner(cursor.entry));
    check(consumer.name === cursor.entry, "name of a consumer");
    blocks.add(cursor.entry);
    blocks.add(consumer.ref);
    if (consumer.pending === NONE) continue;
    verifyIdIndex(groups.owned, consumer.pending, blocks);
    owned += groups.ownCount(consumer);
    verifyOwned(streams, group, consumer);
  }
  check(owned === groups.pendingCount(group), "count of pending entries");
}

function verifyOwned(streams: Streams, group: Group, consumer: Consumer): void {
  const { groups } = streams;
  const cursor = groups.owned.cursor();
  const entry = new Pending();
  const id = new StreamId();
  for (let more = groups.owned.first(consumer.pending, cursor); more; more = cursor.next()) {
    id.load(cursor.words, cursor.at);
    check(groups.pending.find(group.pending, id), "pending entry");
    entry.place(groups.pending.words, groups.pending.at);
    check(entry.consumer === consumer.ref, "owner");
  }
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`stream: ${what} is wrong`);
}
