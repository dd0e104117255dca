// The model of SORT.
import type { Content, Model, ModelCommand, ModelFamily, Prediction } from "./model.ts";
import {
  array,
  bulk,
  error,
  integer,
  NOT_INTEGER,
  nil,
  SYNTAX_ERROR,
  WRONG_TYPE,
} from "./replies.ts";
import type { Session } from "./session.ts";
import { inOrder } from "./sorted-sets.ts";
import { int64 } from "./strings.ts";

interface SortOptions {
  descending: boolean;
  alpha: boolean;
  start: bigint;
  count: bigint;
  by: string | null;
  readonly get: string[];
  store: string | null;
}

function parse(words: readonly string[], readOnly: boolean): SortOptions | string {
  const options: SortOptions = {
    descending: false,
    alpha: false,
    start: 0n,
    count: -1n,
    by: null,
    get: [],
    store: null,
  };
  for (let i = 2; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const left = words.length - i - 1;
    if (option === "asc" || option === "desc") options.descending = option === "desc";
    else if (option === "alpha") options.alpha = true;
    else if (option === "limit" && left >= 2) {
      const start = int64(words[i + 1]);
      const count = int64(words[i + 2]);
      if (start === null || count === null) return NOT_INTEGER;
      options.start = start;
      options.count = count;
      i += 2;
    } else if (option === "store" && left >= 1 && !readOnly) options.store = words[++i];
    else if (option === "by" && left >= 1) options.by = words[++i];
    else if (option === "get" && left >= 1) options.get.push(words[++i]);
    else return SYNTAX_ERROR;
  }
  return options;
}

/** Elements in the order that the type has; null when it cannot be sorted. */
function elementsOf(content: Content | undefined): string[] | null {
  if (content === undefined) return [];
  if (content.kind === "list") return [...content.items];
  if (content.kind === "set") return [...content.members];
  return content.kind === "zset" ? inOrder(content.scores).map(([member]) => member) : null;
}

/** The value that a pattern names for an element: "#", "key:*", "hash:*->field". */
function valueAt(
  model: Model,
  session: Session,
  pattern: string,
  element: string,
): string | undefined {
  if (pattern === "#") return element;
  const star = pattern.indexOf("*");
  if (star === -1) return undefined;
  const arrow = pattern.indexOf("->", star);
  const isField = arrow !== -1 && arrow + 2 < pattern.length;
  const end = isField ? arrow : pattern.length;
  const key = pattern.slice(0, star) + element + pattern.slice(star + 1, end);
  const content = model.get(session, key)?.content;
  if (isField) {
    return content?.kind === "hash" ? content.fields.get(pattern.slice(arrow + 2)) : undefined;
  }
  return content?.kind === "string" ? content.text : undefined;
}

function weightOf(text: string): number | null {
  if (text === "" || text[0] === "\0") return 0;
  return /^[-+]?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : null;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorts in place; an error reply when something is no number. */
function sortBy(
  model: Model,
  session: Session,
  elements: string[],
  { by, alpha, descending }: SortOptions,
): string | null {
  const weights = new Map<string, number>();
  const texts = new Map<string, string | undefined>();
  for (const element of elements) {
    const text = by === null ? element : valueAt(model, session, by, element);
    texts.set(element, text);
    if (alpha) continue;
    const weight = text === undefined ? 0 : weightOf(text);
    if (weight === null) return error("One or more scores can't be converted into double");
    weights.set(element, weight);
  }
  const compare = (a: string, b: string): number => {
    if (!alpha) return weights.get(a)! - weights.get(b)! || byText(a, b);
    const [x, y] = [texts.get(a), texts.get(b)];
    if (x === undefined || y === undefined)
      return x === y ? byText(a, b) : x === undefined ? -1 : 1;
    return byText(x, y);
  };
  elements.sort((a, b) => (descending ? -compare(a, b) : compare(a, b)));
  return null;
}

function sort(readOnly: boolean): ModelCommand {
  return (model, session, words) => {
    const options = parse(words, readOnly);
    if (typeof options === "string") return options;
    const content = model.get(session, words[1])?.content;
    const elements = elementsOf(content);
    if (elements === null) return WRONG_TYPE;
    const isFixed = options.by !== null && !options.by.includes("*");
    const isSet = content?.kind === "set";
    if (isFixed && isSet && options.store !== null) {
      options.by = null;
      options.alpha = true;
    }
    if (options.by !== null && isFixed) {
      if (options.descending && !isSet) elements.reverse();
    } else {
      const wrong = sortBy(model, session, elements, options);
      if (wrong !== null) return wrong;
      const isPartial = options.alpha && options.store === null && options.get.length === 0;
      if (isPartial && elements.some((element) => element.includes("\0"))) {
        return judgeUpToNul(limited(elements, options));
      }
    }
    return answer(model, session, limited(elements, options), options);
  };
}

/** Texts are compared up to a NUL byte: which of equal ones comes first is not said. */
function judgeUpToNul(elements: readonly string[]): Prediction {
  const upToNul = (text: string): string => text.split("\0", 1)[0];
  return ({ items }) => {
    if (items.length !== elements.length) return `expected ${elements.length} elements`;
    const wrong = items.findIndex(({ text }, i) => upToNul(text) !== upToNul(elements[i]));
    return wrong === -1 ? null : `another element at ${wrong}`;
  };
}

function limited(elements: readonly string[], { start, count }: SortOptions): string[] {
  const from = start < 0n ? 0 : Number(start);
  return elements.slice(from, count < 0n ? undefined : from + Number(count));
}

function answer(
  model: Model,
  session: Session,
  elements: readonly string[],
  { get, store }: SortOptions,
): Prediction {
  const values = elements.flatMap((element) =>
    get.length === 0 ? [element] : get.map((pattern) => valueAt(model, session, pattern, element)),
  );
  if (store === null) {
    return array(values.map((value) => (value === undefined ? nil(session) : bulk(value))));
  }
  if (values.length > 0) {
    model.set(session, store, { kind: "list", items: values.map((value) => value ?? "") }, -1);
    model.notify(session.db, "l", "sortstore", store);
  } else if (model.drop(session, store)) model.notify(session.db, "g", "del", store);
  return integer(values.length);
}

export const sortModel: ModelFamily = [
  ["sort", -2, sort(false)],
  ["sort_ro", -2, sort(true)],
];
