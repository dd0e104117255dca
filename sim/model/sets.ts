// The model of the set commands.
import { anyOrder, contentOf, contentOrNew, dropIfEmpty } from "./collections.ts";
import type { Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import { judgeRandom } from "./random-members.ts";
import { error, integer, NOT_INTEGER, nil, SYNTAX_ERROR, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";
import { int64 } from "./strings.ts";

const sadd: ModelCommand = (model, session, [, key, ...members]) => {
  const set = contentOrNew(model, session, key, { kind: "set", members: new Set() });
  if (set === null) return WRONG_TYPE;
  const before = set.members.size;
  for (const member of members) set.members.add(member);
  if (set.members.size > before) model.changed(session, key, "s", "sadd");
  return integer(set.members.size - before);
};

const srem: ModelCommand = (model, session, [, key, ...members]) => {
  const set = contentOf(model, session, key, "set");
  if (set === undefined) return integer(0);
  if (set === null) return WRONG_TYPE;
  const removed = members.filter((member) => set.members.delete(member)).length;
  if (removed > 0) dropIfEmpty(model, session, key, set.members.size, "s", "srem");
  return integer(removed);
};

const scard: ModelCommand = (model, session, [, key]) => {
  const set = contentOf(model, session, key, "set");
  return set === null ? WRONG_TYPE : integer(set?.members.size ?? 0);
};

const sismember: ModelCommand = (model, session, [, key, member]) => {
  const set = contentOf(model, session, key, "set");
  return set === null ? WRONG_TYPE : integer(set?.members.has(member) ? 1 : 0);
};

const smismember: ModelCommand = (model, session, [, key, ...members]) => {
  const set = contentOf(model, session, key, "set");
  if (set === null) return WRONG_TYPE;
  const flags = members.map((member) => integer(set?.members.has(member) ? 1 : 0));
  return `*${flags.length}\r\n${flags.join("")}`;
};

const smembers: ModelCommand = (model, session, [, key]) => {
  const set = contentOf(model, session, key, "set");
  return set === null ? WRONG_TYPE : anyOrder([...(set?.members ?? [])]);
};

const srandmember: ModelCommand = (model, session, words) => {
  const [, key, countText] = words;
  if (words.length > 3) return SYNTAX_ERROR;
  const count = words.length === 3 ? int64(countText) : 1n;
  if (count === null) return NOT_INTEGER;
  const set = contentOf(model, session, key, "set");
  if (set === null) return WRONG_TYPE;
  if (words.length === 3) {
    return judgeRandom(new Map([...(set?.members ?? [])].map((m) => [m, ""])), count, false, 2);
  }
  if (set === undefined) return nil(session);
  const members = new Set(set.members);
  return (reply) => (members.has(reply.text) ? null : "not a member");
};

/** Which members go, the node chooses: the model learns them from its answer. */
const spop: ModelCommand = (model, session, words) => {
  const [, key, countText] = words;
  if (words.length > 3) return SYNTAX_ERROR;
  const count = words.length === 3 ? int64(countText) : 1n;
  if (count === null || count < 0n) return error("value is out of range, must be positive");
  const set = contentOf(model, session, key, "set");
  if (set === null) return WRONG_TYPE;
  if (words.length === 3 && (set === undefined || count === 0n)) return emptySet(session);
  if (set === undefined) return nil(session);
  const answer = model.answer(session);
  const taken = words.length === 3 ? (answer?.items ?? []).map(({ text }) => text) : [answer?.text];
  const expected = Math.min(Number(count), set.members.size);
  const known = taken.filter((member) => set.members.delete(member!));
  dropIfEmpty(model, session, key, set.members.size, "s", "spop", false);
  return () =>
    known.length === expected && taken.length === expected
      ? null
      : `expected ${expected} different members of the set`;
};

function emptySet(session: Session): string {
  return session.resp === 2 ? "*0\r\n" : "~0\r\n";
}

const sintercard: ModelCommand = (model, session, words) => {
  const numkeys = int64(words[1]);
  if (numkeys === null || numkeys < 1n) return error("numkeys should be greater than 0");
  if (numkeys > BigInt(words.length - 2)) {
    return error("Number of keys can't be greater than number of args");
  }
  let limit = 0n;
  for (let i = 2 + Number(numkeys); i < words.length; i += 2) {
    if (words[i].toLowerCase() !== "limit" || i + 1 >= words.length) return SYNTAX_ERROR;
    const value = int64(words[i + 1]);
    if (value === null || value < 0n) return error("LIMIT can't be negative");
    limit = value;
  }
  const sets = read(model, session, words.slice(2, 2 + Number(numkeys)));
  if (sets === null) return WRONG_TYPE;
  const { size } = intersect(sets);
  return integer(limit === 0n ? size : Math.min(size, Number(limit)));
};

const smove: ModelCommand = (model, session, [, from, to, member]) => {
  const source = contentOf(model, session, from, "set");
  if (source === undefined) return integer(0);
  const target = contentOf(model, session, to, "set");
  if (source === null || target === null) return WRONG_TYPE;
  if (from === to) return integer(source.members.has(member) ? 1 : 0);
  if (!source.members.delete(member)) return integer(0);
  model.notify(session.db, "s", "srem", from);
  if (source.members.size === 0) {
    model.removeKey(session.db, from);
    model.notify(session.db, "g", "del", from);
  }
  const members = target?.members ?? new Set();
  if (target === undefined) model.addSilently(session, to, { kind: "set", members });
  // Whoever caches the source is told only now.
  model.touch(session.db, from);
  if (!members.has(member)) {
    members.add(member);
    model.changed(session, to, "s", "sadd");
  }
  return integer(1);
};

type Combine = (sets: readonly ReadonlySet<string>[]) => Set<string>;

const intersect: Combine = ([first, ...rest]) =>
  new Set([...first].filter((member) => rest.every((set) => set.has(member))));
const unite: Combine = (sets) => new Set(sets.flatMap((set) => [...set]));
const subtract: Combine = ([first, ...rest]) =>
  new Set([...first].filter((member) => !rest.some((set) => set.has(member))));

/** The members of each key; null when one of them is no set. */
function read(model: Model, session: Session, keys: readonly string[]): Set<string>[] | null {
  const sets: Set<string>[] = [];
  for (const key of keys) {
    const set = contentOf(model, session, key, "set");
    if (set === null) return null;
    sets.push(set?.members ?? new Set());
  }
  return sets;
}

function combine(how: Combine): ModelCommand {
  return (model, session, [, ...keys]): Prediction => {
    const sets = read(model, session, keys);
    return sets === null ? WRONG_TYPE : anyOrder([...how(sets)]);
  };
}

function store(how: Combine, event: string): ModelCommand {
  return (model, session, [, target, ...keys]) => {
    const sets = read(model, session, keys);
    if (sets === null) return WRONG_TYPE;
    const members = how(sets);
    if (members.size > 0) {
      model.set(session, target, { kind: "set", members }, -1);
      model.notify(session.db, "s", event, target);
    } else if (model.drop(session, target)) model.notify(session.db, "g", "del", target);
    return integer(members.size);
  };
}

export const setModel: ModelFamily = [
  ["sadd", -3, sadd],
  ["srem", -3, srem],
  ["scard", 2, scard],
  ["sismember", 3, sismember],
  ["smismember", -3, smismember],
  ["smembers", 2, smembers],
  ["srandmember", -2, srandmember],
  ["spop", -2, spop],
  ["sintercard", -3, sintercard],
  ["smove", 4, smove],
  ["sinter", -2, combine(intersect)],
  ["sunion", -2, combine(unite)],
  ["sdiff", -2, combine(subtract)],
  ["sinterstore", -3, store(intersect, "sinterstore")],
  ["sunionstore", -3, store(unite, "sunionstore")],
  ["sdiffstore", -3, store(subtract, "sdiffstore")],
];
