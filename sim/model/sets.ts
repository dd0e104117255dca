// The model of the set commands.
import { anyOrder, contentOf, contentOrNew, dropIfEmpty } from "./collections.ts";
import type { Model, ModelCommand, Prediction } from "./model.ts";
import { integer, nil, WRONG_TYPE } from "./replies.ts";
import type { Session } from "./session.ts";

const sadd: ModelCommand = (model, session, [, key, ...members]) => {
  const set = contentOrNew(model, session, key, { kind: "set", members: new Set() });
  if (set === null) return WRONG_TYPE;
  const before = set.members.size;
  for (const member of members) set.members.add(member);
  if (set.members.size > before) model.touch(session.db, key);
  return integer(set.members.size - before);
};

const srem: ModelCommand = (model, session, [, key, ...members]) => {
  const set = contentOf(model, session, key, "set");
  if (set === undefined) return integer(0);
  if (set === null) return WRONG_TYPE;
  const removed = members.filter((member) => set.members.delete(member)).length;
  if (removed > 0) dropIfEmpty(model, session, key, set.members.size);
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

const srandmember: ModelCommand = (model, session, [, key]) => {
  const set = contentOf(model, session, key, "set");
  if (set === null) return WRONG_TYPE;
  if (set === undefined) return nil(session);
  const members = new Set(set.members);
  return (reply) => (members.has(reply.text) ? null : "not a member");
};

const smove: ModelCommand = (model, session, [, from, to, member]) => {
  const source = contentOf(model, session, from, "set");
  if (source === undefined) return integer(0);
  const target = contentOf(model, session, to, "set");
  if (source === null || target === null) return WRONG_TYPE;
  if (from === to) return integer(source.members.has(member) ? 1 : 0);
  if (!source.members.delete(member)) return integer(0);
  dropIfEmpty(model, session, from, source.members.size);
  contentOrNew(model, session, to, { kind: "set", members: new Set() })!.members.add(member);
  model.touch(session.db, to);
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

function store(how: Combine): ModelCommand {
  return (model, session, [, target, ...keys]) => {
    const sets = read(model, session, keys);
    if (sets === null) return WRONG_TYPE;
    const members = how(sets);
    if (members.size === 0) model.drop(session, target);
    else model.set(session, target, { kind: "set", members }, -1);
    return integer(members.size);
  };
}

export const setModel: readonly (readonly [string, number, ModelCommand])[] = [
  ["sadd", -3, sadd],
  ["srem", -3, srem],
  ["scard", 2, scard],
  ["sismember", 3, sismember],
  ["smismember", -3, smismember],
  ["smembers", 2, smembers],
  ["srandmember", 2, srandmember],
  ["smove", 4, smove],
  ["sinter", -2, combine(intersect)],
  ["sunion", -2, combine(unite)],
  ["sdiff", -2, combine(subtract)],
  ["sinterstore", -3, store(intersect)],
  ["sunionstore", -3, store(unite)],
  ["sdiffstore", -3, store(subtract)],
];
