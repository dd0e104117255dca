// The model of HyperLogLogs: the set of what was added. What a log answers is an estimate, which is
// judged; whether an addition changed it, the model learns, and knows only when it cannot have.
import type { Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import { integer, OK } from "./replies.ts";
import type { Session } from "./session.ts";

const NO_LOG = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n";
/** Six standard errors of 0.81 %, and a few elements that fell together. */
const ERROR_SHARE_MAX = 0.05;
const ERROR_COUNT_MAX = 3;

interface Log {
  readonly elements: Set<string>;
  /** PFCOUNT has left its result in it. */
  isCounted: boolean;
}

/** Undefined when the key is absent, null when it holds something else. */
function logOf(model: Model, session: Session, key: string): Log | undefined | null {
  const content = model.get(session, key)?.content;
  if (content === undefined) return undefined;
  return content.kind === "string" ? (content.log ?? null) : null;
}

function make(model: Model, session: Session, key: string): Log {
  const log = { elements: new Set<string>(), isCounted: false };
  model.set(session, key, { kind: "string", text: "", log }, -1);
  return log;
}

const wrongType = (model: Model, session: Session, key: string): string =>
  model.get(session, key)?.content.kind === "string"
    ? NO_LOG
    : "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

const pfadd: ModelCommand = (model, session, [, key, ...elements]) => {
  const found = logOf(model, session, key);
  if (found === null) return wrongType(model, session, key);
  const log = found ?? make(model, session, key);
  const news = elements.filter((element) => !log.elements.has(element));
  // The first element of an empty log changes it for sure.
  const certain = found === undefined || (log.elements.size === 0 && news.length > 0);
  for (const element of news) log.elements.add(element);
  const changed = certain || (news.length > 0 && model.answer(session)?.text === "1");
  if (changed) {
    log.isCounted = false;
    model.changed(session, key, "$", "pfadd");
  }
  return integer(changed ? 1 : 0);
};

function estimateOf(count: number): Prediction {
  if (count === 0) return integer(0);
  return ({ kind, text }) => {
    const difference = Math.abs(Number(text) - count);
    return kind === "integer" && difference <= ERROR_COUNT_MAX + count * ERROR_SHARE_MAX
      ? null
      : `expected about ${count}`;
  };
}

const pfcount: ModelCommand = (model, session, [, ...keys]) => {
  const all = new Set<string>();
  for (const key of keys) {
    const log = logOf(model, session, key);
    if (log === null) return wrongType(model, session, key);
    for (const element of log?.elements ?? []) all.add(element);
    if (keys.length > 1 || log === undefined || log.isCounted) continue;
    // Redis counts the result that it keeps as a change.
    log.isCounted = true;
    model.touch(session.db, key);
  }
  return estimateOf(all.size);
};

const pfmerge: ModelCommand = (model, session, [, target, ...keys]) => {
  const all = new Set<string>();
  for (const key of [target, ...keys]) {
    const log = logOf(model, session, key);
    if (log === null) return wrongType(model, session, key);
    for (const element of log?.elements ?? []) all.add(element);
  }
  const log = logOf(model, session, target) ?? make(model, session, target);
  for (const element of all) log.elements.add(element);
  log.isCounted = false;
  model.changed(session, target, "$", "pfadd");
  return OK;
};

export const hyperLogLogModel: ModelFamily = [
  ["pfadd", -2, pfadd],
  ["pfcount", -2, pfcount],
  ["pfmerge", -2, pfmerge],
];
