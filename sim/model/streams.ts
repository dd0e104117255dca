// The model of the commands on a stream's entries.
import { contentOf } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import {
  array,
  bulk,
  error,
  integer,
  NO_KEY,
  NOT_INTEGER,
  nil,
  nilArray,
  OK,
  SYNTAX_ERROR,
  WRONG_TYPE,
  wrongArity,
} from "./replies.ts";
import type { Session } from "./session.ts";
import {
  emptyStream,
  entryAt,
  entryReply,
  ID_MAX,
  INVALID_ID,
  idText,
  lowerBound,
  type ModelStream,
  parseEdge,
  parseId,
  SEQUENCE_MAX,
  type StreamNode,
} from "./stream-content.ts";
import { int64 } from "./strings.ts";

// -- trimming -----------------------------------------------------------------------------------------

interface Trimming {
  maxLength: bigint | null;
  minId: bigint | null;
  approximate: boolean;
  limit: bigint;
  onlyExisting: boolean;
  /** Index of the word behind the options: XADD's ID. */
  next: number;
}

/** Reads the options of XADD and XTRIM; an error reply when they are wrong. */
function parseTrimming(model: Model, words: readonly string[], isAdd: boolean): Trimming | string {
  const trimming: Trimming = {
    maxLength: null,
    minId: null,
    approximate: false,
    limit: 0n,
    onlyExisting: false,
    next: 2,
  };
  let isLimited = false;
  let i = 2;
  for (; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const more = words.length - 1 - i;
    if (isAdd && option === "*") break;
    if ((option === "maxlen" || option === "minid") && more > 0) {
      if (trimming.maxLength !== null || trimming.minId !== null) {
        return error("syntax error, MAXLEN and MINID options at the same time are not compatible");
      }
      if (more >= 2 && (words[i + 1] === "~" || words[i + 1] === "=")) {
        trimming.approximate = words[++i] === "~";
      }
      const wrong = parseThreshold(trimming, option, words[++i]);
      if (wrong !== null) return wrong;
    } else if (option === "limit" && more > 0) {
      const limit = int64(words[++i]);
      if (limit === null) return NOT_INTEGER;
      if (limit < 0n) return error("The LIMIT argument must be >= 0.");
      trimming.limit = limit;
      isLimited = true;
    } else if (isAdd && option === "nomkstream") {
      trimming.onlyExisting = true;
    } else if (isAdd) {
      break;
    } else {
      return SYNTAX_ERROR;
    }
  }
  trimming.next = i;
  if (isAdd && i < words.length && words[i] !== "*" && parseNewId(words[i]) === null) {
    return INVALID_ID;
  }
  return checkLimit(model, trimming, isLimited, isAdd) ?? trimming;
}

function parseThreshold(trimming: Trimming, option: string, text: string): string | null {
  if (option === "minid") {
    trimming.minId = parseId(text);
    return trimming.minId === null ? INVALID_ID : null;
  }
  trimming.maxLength = int64(text);
  if (trimming.maxLength === null) return NOT_INTEGER;
  return trimming.maxLength < 0n ? error("The MAXLEN argument must be >= 0.") : null;
}

function checkLimit(
  model: Model,
  trimming: Trimming,
  isLimited: boolean,
  isAdd: boolean,
): string | null {
  const isTrimming = trimming.maxLength !== null || trimming.minId !== null;
  if (!isTrimming && trimming.limit > 0n) {
    return error("syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (!isTrimming && !isAdd) {
    return error("syntax error, XTRIM must be called with a trimming strategy");
  }
  if (isLimited && !trimming.approximate) {
    return error("syntax error, LIMIT cannot be used without the special ~ option");
  }
  if (!isLimited && trimming.approximate) {
    const limit = 100 * model.settings.streamNodeMaxEntries;
    trimming.limit = BigInt(limit <= 0 ? 10000 : Math.min(limit, 1_000_000));
  }
  return null;
}

/** Removes entries from the front; answers with how many. */
function trim(stream: ModelStream, { maxLength, minId, approximate, limit }: Trimming): number {
  if (maxLength === null && minId === null) return 0;
  const before = stream.entries.length;
  let removed = 0;
  for (const node of [...stream.nodes]) {
    const length = before - removed;
    if (maxLength !== null && BigInt(length) <= maxLength) break;
    if (limit > 0n && BigInt(removed + node.live) > limit) break;
    const whole =
      maxLength !== null ? BigInt(length - node.live) >= maxLength : node.lastId < minId!;
    if (whole) {
      stream.nodes.shift();
      removed += node.live;
      continue;
    }
    if (approximate) break;
    const within = stream.entries.slice(removed, removed + node.live);
    const count = maxLength !== null ? length - Number(maxLength) : lowerBound(within, minId!);
    node.live -= count;
    removed += count;
    break;
  }
  if (removed > 0) {
    stream.entries.splice(0, removed);
    stream.firstId = stream.entries[0]?.id ?? 0n;
  }
  return removed;
}

const xtrim: ModelCommand = (model, session, words) => {
  const trimming = parseTrimming(model, words, false);
  if (typeof trimming === "string") return trimming;
  const key = words[1];
  const stream = contentOf(model, session, key, "stream");
  if (stream === undefined) return integer(0);
  if (stream === null) return WRONG_TYPE;
  const removed = trim(stream, trimming);
  if (removed > 0) model.changed(session, key, "t", "xtrim");
  return integer(removed);
};

// -- adding -------------------------------------------------------------------------------------------

/** The ID of an entry that shall be added: "5-3", or "5-*" with a sequence to be found. */
function parseNewId(text: string): { id: bigint; isWhole: boolean } | null {
  const isWhole = !text.endsWith("-*");
  const id = parseId(isWhole ? text : text.slice(0, -2));
  if (id === null || (!isWhole && text.slice(0, -2).includes("-"))) return null;
  return { id, isWhole };
}

function chooseId(model: Model, { lastId }: ModelStream, text: string): bigint | null {
  if (text === "*") {
    const now = BigInt(model.nowMs) << 64n;
    return now > lastId && now >> 64n !== lastId >> 64n ? now : lastId + 1n;
  }
  const { id, isWhole } = parseNewId(text)!;
  if (isWhole || id >> 64n !== lastId >> 64n) return id;
  return (lastId & SEQUENCE_MAX) === SEQUENCE_MAX ? null : lastId + 1n;
}

function tailFor(stream: ModelStream, entriesMax: number, id: bigint): StreamNode {
  const last = stream.nodes.at(-1);
  if (last !== undefined && (entriesMax === 0 || last.total < entriesMax)) return last;
  const node = { live: 0, total: 0, lastId: id };
  stream.nodes.push(node);
  return node;
}

const xadd: ModelCommand = (model, session, words) => {
  const trimming = parseTrimming(model, words, true);
  if (typeof trimming === "string") return trimming;
  const key = words[1];
  const idWord = words[trimming.next];
  const fields = words.slice(trimming.next + 1);
  if (fields.length < 2 || fields.length % 2 === 1) return wrongArity("xadd");
  if (idWord !== "*") {
    const { id, isWhole } = parseNewId(idWord)!;
    if (isWhole && id === 0n) return error("The ID specified in XADD must be greater than 0-0");
  }
  if (trimming.onlyExisting && model.get(session, key) === undefined) return nil(session);
  const found = contentOf(model, session, key, "stream");
  if (found === null) return WRONG_TYPE;
  const stream = found ?? emptyStream();
  // That it has changed is told at the end, behind its events.
  if (found === undefined) model.addSilently(session, key, stream);
  if (stream.lastId === ID_MAX) {
    return error("The stream has exhausted the last possible ID, unable to add more items");
  }
  const id = chooseId(model, stream, idWord);
  if (id === null || id <= stream.lastId) {
    return error("The ID specified in XADD is equal or smaller than the target stream top item");
  }
  append(stream, id, fields, model.settings.streamNodeMaxEntries);
  model.notify(session.db, "t", "xadd", key);
  if (trim(stream, trimming) > 0) model.notify(session.db, "t", "xtrim", key);
  model.touch(session.db, key);
  model.blocking.signal(session.db, key);
  return bulk(idText(id));
};

function append(
  stream: ModelStream,
  id: bigint,
  fields: readonly string[],
  entriesMax: number,
): void {
  const node = tailFor(stream, entriesMax, id);
  node.live++;
  node.total++;
  node.lastId = id;
  stream.entries.push({ id, fields, node });
  stream.entriesAdded++;
  stream.lastId = id;
  if (stream.entries.length === 1) stream.firstId = id;
}

const xsetid: ModelCommand = (model, session, words) => {
  const [, key, idWord] = words;
  const id = parseId(idWord);
  if (id === null) return INVALID_ID;
  let added = -1n;
  let maxDeleted = 0n;
  for (let i = 3; i < words.length; i += 2) {
    const option = words[i].toLowerCase();
    if (i + 1 < words.length && option === "entriesadded") {
      const value = int64(words[i + 1]);
      if (value === null) return NOT_INTEGER;
      if (value < 0n) return error("entries_added must be positive");
      added = value;
    } else if (i + 1 < words.length && option === "maxdeletedid") {
      const value = parseId(words[i + 1]);
      if (value === null) return INVALID_ID;
      maxDeleted = value;
      if (id < value) {
        return error(
          "The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
        );
      }
    } else {
      return SYNTAX_ERROR;
    }
  }
  return setId(model, session, key, id, added, maxDeleted);
};

function setId(
  model: Model,
  session: Session,
  key: string,
  id: bigint,
  added: bigint,
  maxDeleted: bigint,
): Prediction {
  const stream = contentOf(model, session, key, "stream");
  if (stream === undefined) return NO_KEY;
  if (stream === null) return WRONG_TYPE;
  if (id < stream.maxDeletedId) {
    return error("The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  const last = stream.entries.at(-1);
  if (last !== undefined) {
    if (id < last.id) {
      return error("The ID specified in XSETID is smaller than the target stream top item");
    }
    if (added !== -1n && BigInt(stream.entries.length) > added) {
      return error(
        "The entries_added specified in XSETID is smaller than the target stream length",
      );
    }
  }
  stream.lastId = id;
  if (added !== -1n) stream.entriesAdded = added;
  if (maxDeleted !== 0n) stream.maxDeletedId = maxDeleted;
  model.notify(session.db, "t", "xsetid", key);
  return OK;
}

// -- reading and deleting -------------------------------------------------------------------------------

const xlen: ModelCommand = (model, session, [, key]) => {
  const stream = contentOf(model, session, key, "stream");
  return stream === null ? WRONG_TYPE : integer(stream?.entries.length ?? 0);
};

function range(reverse: boolean): ModelCommand {
  return (model, session, words) => {
    const from = parseEdge(words[reverse ? 3 : 2], true);
    if (typeof from === "string") return from;
    const to = parseEdge(words[reverse ? 2 : 3], false);
    if (typeof to === "string") return to;
    let count = -1;
    for (let i = 4; i < words.length; i += 2) {
      if (words[i].toLowerCase() !== "count" || i + 1 === words.length) return SYNTAX_ERROR;
      const value = int64(words[i + 1]);
      if (value === null) return NOT_INTEGER;
      count = value < 0n ? 0 : Number(value);
    }
    const stream = contentOf(model, session, words[1], "stream");
    if (stream === undefined) return array([]);
    if (stream === null) return WRONG_TYPE;
    if (count === 0) return nilArray(session);
    const { entries } = stream;
    const picked = entries.slice(lowerBound(entries, from), lowerBound(entries, to + 1n));
    if (reverse) picked.reverse();
    return array((count < 0 ? picked : picked.slice(0, count)).map(entryReply));
  };
}

const xdel: ModelCommand = (model, session, [, key, ...idWords]) => {
  const stream = contentOf(model, session, key, "stream");
  if (stream === undefined) return integer(0);
  if (stream === null) return WRONG_TYPE;
  const ids = idWords.map((word) => parseId(word));
  if (ids.includes(null)) return INVALID_ID;
  let deleted = 0;
  let isFirst = false;
  for (const id of ids as bigint[]) {
    const entry = entryAt(stream, id);
    if (entry === undefined) continue;
    stream.entries.splice(stream.entries.indexOf(entry), 1);
    if (--entry.node.live === 0) stream.nodes.splice(stream.nodes.indexOf(entry.node), 1);
    if (id === stream.firstId) isFirst = true;
    if (id > stream.maxDeletedId) stream.maxDeletedId = id;
    deleted++;
  }
  if (deleted > 0) {
    if (stream.entries.length === 0) stream.firstId = 0n;
    else if (isFirst) stream.firstId = stream.entries[0].id;
    model.changed(session, key, "t", "xdel");
  }
  return integer(deleted);
};

export const streamModel: ModelFamily = [
  ["xadd", -5, xadd],
  ["xtrim", -4, xtrim],
  ["xsetid", -3, xsetid],
  ["xlen", 2, xlen],
  ["xrange", -4, range(false)],
  ["xrevrange", -4, range(true)],
  ["xdel", -3, xdel],
];
