// Copying a stream, with its groups, consumers and pending entries.
import { GRANULE_MASK, NONE, type Ref, SEGMENT_SHIFT } from "../../memory/arena.ts";
import { IndexCursor } from "../../memory/index-cursor.ts";
import { Consumer, Group, Name, Stream, TIME_WORDS } from "./stream.ts";
import { ID_WORDS, StreamId } from "./stream-id.ts";
import type { Streams } from "./streams.ts";

export function copyStream(streams: Streams, value: Ref): Ref {
  const { arena } = streams;
  const source = new Stream(arena);
  source.open(value);
  const copied = streams.create();
  const target = new Stream(arena);
  target.open(copied);
  copyNodes(streams, source, target);
  target.copyFacts(source);
  copyGroups(streams, source, target);
  return copied;
}

function copyNodes(streams: Streams, source: Stream, target: Stream): void {
  const { arena, indexes, nodes } = streams;
  const cursor = indexes.cursor();
  const id = new StreamId();
  for (let more = indexes.first(source.nodes, cursor); more; more = cursor.next()) {
    const node = cursor.words[cursor.at + ID_WORDS];
    id.load(cursor.words, cursor.at);
    const bytes = arena.u8[node >>> SEGMENT_SHIFT];
    const copied = nodes.copy(bytes, (node & GRANULE_MASK) << 3);
    indexes.insert(target.nodes, id);
    indexes.words[indexes.at + ID_WORDS] = copied;
  }
}

function copyGroups(streams: Streams, source: Stream, target: Stream): void {
  const { arena, groups } = streams;
  const cursor = new IndexCursor(arena);
  const group = new Group(arena);
  const name = new Name();
  const id = new StreamId();
  for (let more = groups.firstName(source.groups, cursor); more; more = cursor.next()) {
    group.open(groups.owner(cursor.entry));
    name.open(arena, cursor.entry);
    groups.createGroup(target, name.bytes, name.offset, name.length);
    group.loadLastId(id);
    groups.group.storeLastId(id);
    groups.group.setEntriesRead(group.entriesReadHigh, group.entriesReadLow);
    copyConsumers(streams, group, groups.group);
  }
}

function copyConsumers(streams: Streams, source: Group, target: Group): void {
  const { arena, groups } = streams;
  const cursor = new IndexCursor(arena);
  const own = groups.owned.cursor();
  const consumer = new Consumer(arena);
  const name = new Name();
  const id = new StreamId();
  for (let more = groups.firstName(source.consumers, cursor); more; more = cursor.next()) {
    consumer.open(groups.owner(cursor.entry));
    name.open(arena, cursor.entry);
    groups.createConsumer(target, name.bytes, name.offset, name.length, 0);
    for (let i = 0; i < TIME_WORDS; i++) groups.consumer.setTimeWord(i, consumer.timeWord(i));
    if (consumer.pending === NONE) continue;
    for (let left = groups.owned.first(consumer.pending, own); left; left = own.next()) {
      id.load(own.words, own.at);
      groups.findPending(source, id);
      const { timeHigh, timeLow, countHigh, countLow } = groups.entry;
      groups.addPending(target, id, 0);
      groups.entry.setTime(timeHigh, timeLow);
      groups.entry.setCount(countHigh, countLow);
      groups.assign(id, groups.consumer);
    }
  }
}
