// Planted bugs: each breaks one rule of the server on purpose. A simulator that does not find them
// is not worth trusting; the score (found, and after how many seeds) is a result of its own.
import type { PlantedBug } from "./run.ts";

export const bugs: Readonly<Record<string, PlantedBug>> = {
  /** A key is gone one millisecond too early. */
  "expiry-off-by-one": ({ node }) => {
    for (const db of node.databases) {
      db.isExpired = (entry) => {
        const at = db.expiryOf(entry);
        return at >= 0 && node.keyspace.nowMs + 1 > at;
      };
    }
  },
  /** Changes of watched keys go unnoticed. */
  "watch-is-blind": ({ node }) => {
    node.watch.touch = () => {};
  },
  /** Counters wrap at 32 bits. */
  "counter-wraps": ({ node }) => {
    const { strings } = node;
    const setInteger = strings.setInteger.bind(strings);
    strings.setInteger = (entry, value) => setInteger(entry, value | 0);
  },
  /** A key that is overwritten keeps its time to live. */
  "set-keeps-ttl": ({ node }) => {
    const { strings } = node;
    const set = strings.set.bind(strings);
    strings.set = (db, args, key, entry, source, offset, length, expiryMs) => {
      const kept = entry !== 0 && expiryMs < 0 ? db.expiryOf(entry) : expiryMs;
      return set(db, args, key, entry, source, offset, length, kept);
    };
  },
  /** Appending forgets that the old value may be an integer. */
  "extend-drops-zeros": ({ node }) => {
    const { strings } = node;
    const extend = strings.extend.bind(strings);
    strings.extend = (db, entry, length) => extend(db, entry, length > 40 ? length - 1 : length);
  },
  /** Every tenth deletion does not happen. */
  "lost-delete": ({ node }) => {
    let count = 0;
    for (const db of node.databases) {
      const removeEntry = db.removeEntry.bind(db);
      db.removeEntry = (entry, hash, lazy) => {
        if (++count % 10 !== 0) removeEntry(entry, hash, lazy);
      };
    }
  },
};
