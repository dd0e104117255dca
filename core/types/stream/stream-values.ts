// What the keyspace wants to be able to do with values of every type, for streams.
import type { ValueDigest } from "../../keyspace/digest.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { STREAM } from "../../keyspace/types.ts";
import { NONE, type Ref } from "../../memory/arena.ts";
import { lpEntryLength, lpFormat } from "../../memory/listpack.ts";
import { copyStream } from "./stream-copy.ts";
import { ID_WORDS, StreamId } from "./stream-id.ts";
import { registerStreamRdb } from "./stream-rdb.ts";
import { freeStream, freeStreamJob } from "./stream-release.ts";
import { type StreamLimits, Streams } from "./streams.ts";

/** The streams of a keyspace, which is told how to free, copy, measure, digest, save and load them. */
export function createStreams(keyspace: Keyspace, limits: StreamLimits): Streams {
  const streams = new Streams(keyspace, limits);
  keyspace.releasers[STREAM] = (value) => freeStream(streams, value);
  keyspace.lazyReleasers[STREAM] = (value) => freeStreamJob(streams, value);
  keyspace.copiers[STREAM] = (value) => copyStream(streams, value);
  keyspace.sizers[STREAM] = (value, _encoding, samples) => streamBytes(streams, value, samples);
  keyspace.digesters[STREAM] = (value, _encoding, digest) => digestStream(streams, value, digest);
  registerStreamRdb(keyspace.rdbTypes, streams);
  return streams;
}

function digestStream(streams: Streams, value: Ref, digest: ValueDigest): void {
  const { cursor } = streams;
  const min = new StreamId();
  const max = new StreamId();
  max.setMax();
  cursor.start(streams.open(value).nodes, min, max, false);
  while (cursor.next()) {
    digest.mixText(cursor.id.toString().replace("-", "."));
    for (let i = 0; i < cursor.fieldCount; i++) {
      cursor.nextField();
      digest.mix(elementText(cursor.bytes, cursor.fieldAt));
      digest.mix(elementText(cursor.bytes, cursor.valueAt));
    }
  }
}

function elementText(bytes: Uint8Array, at: number): Uint8Array {
  const text = new Uint8Array(lpEntryLength(bytes, at));
  lpFormat(bytes, at, text, 0);
  return text;
}

/** Bytes in the arena; of the nodes, `samples` and the last one are looked at. */
function streamBytes(streams: Streams, value: Ref, samples: number): number {
  const { arena, indexes } = streams;
  const stream = streams.open(value);
  const count = indexes.count(stream.nodes);
  const cursor = indexes.cursor();
  let bytes = 0;
  let seen = 0;
  let more = indexes.first(stream.nodes, cursor);
  for (; more && seen < samples; more = cursor.next()) {
    bytes += arena.blockBytes(cursor.words[cursor.at + ID_WORDS]);
    seen++;
  }
  if (seen < count && indexes.last(stream.nodes, cursor)) {
    bytes = Math.floor((bytes / Math.max(seen, 1)) * (count - 1));
    bytes += arena.blockBytes(cursor.words[cursor.at + ID_WORDS]);
  }
  return bytes + arena.blockBytes(value) + indexes.indexBytes(stream.nodes) + groupBytes(streams);
}

/** Bytes of the groups of the stream that is open. */
function groupBytes(streams: Streams): number {
  const { arena, groups, stream } = streams;
  const { group, consumer, nameCursor, consumerCursor } = groups;
  if (stream.groups === NONE) return 0;
  let bytes = groups.names.indexBytes(stream.groups);
  for (let more = groups.firstName(stream.groups, nameCursor); more; more = nameCursor.next()) {
    group.open(groups.owner(nameCursor.entry));
    bytes += arena.blockBytes(group.ref) + arena.blockBytes(nameCursor.entry);
    if (group.pending !== NONE) bytes += groups.pending.indexBytes(group.pending);
    if (group.consumers === NONE) continue;
    bytes += groups.names.indexBytes(group.consumers);
    const cursor = consumerCursor;
    for (let left = groups.firstName(group.consumers, cursor); left; left = cursor.next()) {
      consumer.open(groups.owner(cursor.entry));
      bytes += arena.blockBytes(consumer.ref) + arena.blockBytes(cursor.entry);
      if (consumer.pending !== NONE) bytes += groups.owned.indexBytes(consumer.pending);
    }
  }
  return bytes;
}
