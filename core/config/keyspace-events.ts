// `notify-keyspace-events`: one letter per class of events.
import {
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_KEY_MISS,
  NOTIFY_KEYEVENT,
  NOTIFY_KEYSPACE,
  NOTIFY_LIST,
  NOTIFY_MODULE,
  NOTIFY_NEW,
  NOTIFY_SET,
  NOTIFY_STREAM,
  NOTIFY_STRING,
  NOTIFY_ZSET,
} from "../keyspace/events.ts";

/** The letter A: every class except key misses and new keys. */
export const NOTIFY_ALL: number =
  NOTIFY_GENERIC |
  NOTIFY_STRING |
  NOTIFY_LIST |
  NOTIFY_SET |
  NOTIFY_HASH |
  NOTIFY_ZSET |
  NOTIFY_EXPIRED |
  NOTIFY_EVICTED |
  NOTIFY_STREAM |
  NOTIFY_MODULE;

/** In the order in which the letters are shown. */
const CLASSES: readonly (readonly [letter: string, bit: number])[] = [
  ["g", NOTIFY_GENERIC],
  ["$", NOTIFY_STRING],
  ["l", NOTIFY_LIST],
  ["s", NOTIFY_SET],
  ["h", NOTIFY_HASH],
  ["z", NOTIFY_ZSET],
  ["x", NOTIFY_EXPIRED],
  ["e", NOTIFY_EVICTED],
  ["t", NOTIFY_STREAM],
  ["d", NOTIFY_MODULE],
  ["n", NOTIFY_NEW],
];
const TARGETS: readonly (readonly [letter: string, bit: number])[] = [
  ["K", NOTIFY_KEYSPACE],
  ["E", NOTIFY_KEYEVENT],
  ["m", NOTIFY_KEY_MISS],
];

/** The bits of a string of class letters, or null when a letter is none. */
export function parseKeyspaceEvents(letters: string): number | null {
  let flags = 0;
  for (const letter of letters) {
    const known = [...CLASSES, ...TARGETS].find(([name]) => name === letter);
    if (letter === "A") flags |= NOTIFY_ALL;
    else if (known === undefined) return null;
    else flags |= known[1];
  }
  return flags;
}

/** The letters of the bits. Next to A, Redis leaves out n. */
export function formatKeyspaceEvents(flags: number): string {
  const all = (flags & NOTIFY_ALL) === NOTIFY_ALL;
  const shown = all ? TARGETS : [...CLASSES, ...TARGETS];
  const letters = shown.filter(([, bit]) => (flags & bit) !== 0).map(([letter]) => letter);
  return (all ? "A" : "") + letters.join("");
}
