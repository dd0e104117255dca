// Planted bugs: each breaks one rule of the server on purpose. A simulator that does not find them
// is not worth trusting; the score (found, and after how many seeds) is a result of its own.
import { NOTIFY_EVICTED, NOTIFY_EXPIRED } from "../core/keyspace/events.ts";
import { Reply } from "../core/resp/reply.ts";
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
  /** Who comes last to a key is served before who has waited longest. */
  "wake-up-swap": ({ node }) => {
    const { blocking } = node;
    const block = blocking.block.bind(blocking);
    blocking.block = (client, command, args, keys, ...rest) => {
      const name = `${client.db} ${keys[0]}`;
      const other = [...blocking.all()].find(({ blocked }) => blocked!.keys.includes(name));
      block(client, command, args, keys, ...rest);
      if (other === undefined) return;
      const { blocked } = other;
      blocking.forget(other);
      const otherKeys = blocked!.keys.map((key) => key.slice(key.indexOf(" ") + 1));
      const { deadlineMs, onTimeout, type, wakesWhenGone } = blocked!;
      const { command: otherCommand, args: otherArgs } = blocked!;
      block(other, otherCommand, otherArgs, otherKeys, deadlineMs, onTimeout, type, wakesWhenGone);
    };
  },
  /** A client waits one millisecond too long. */
  "late-timeout": ({ node }) => {
    const { blocking } = node;
    const block = blocking.block.bind(blocking);
    blocking.block = (client, command, args, keys, deadlineMs, ...rest) =>
      block(client, command, args, keys, deadlineMs + 1, ...rest);
  },
  /** XCLAIM takes an entry that has been idle for one millisecond less than asked for. */
  "claim-too-early": ({ node }) => {
    const { entry } = node.streams.groups;
    const { get, set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(entry), "timeMs")!;
    Object.defineProperty(entry, "timeMs", {
      get() {
        const isClaim = node.dispatcher.executing?.lastCommand?.fullName === "xclaim";
        return get!.call(entry) - (isClaim ? 1 : 0);
      },
      set(timeMs: number) {
        set!.call(entry, timeMs);
      },
    });
  },
  /** Exact trimming leaves one entry too many. */
  "trim-off-by-one": ({ node }) => {
    const { streams } = node;
    const trim = streams.trim.bind(streams);
    streams.trim = (stream, options) => {
      if (!options.isApproximate) options.lengthMax++;
      return trim(stream, options);
    };
  },
  /** Every 20th message gets lost on its way to a subscriber. */
  "lost-message": ({ node }) => {
    const messageTo = node.messageTo.bind(node);
    const nowhere = new Reply();
    let count = 0;
    node.messageTo = (client) => (++count % 20 === 0 ? nowhere : messageTo(client));
  },
  /** The policies that take only keys with a time to live take any. */
  "evicts-what-lasts": ({ node }) => {
    const { values } = node.config;
    const maxmemoryPolicy = values.maxmemoryPolicy.replace("volatile-", "allkeys-");
    Object.assign(values, { maxmemoryPolicy });
    node.eviction.configure();
  },
  /** Keys are evicted without a word. */
  "silent-eviction": ({ node }) => {
    const keyEvent = node.keyEvent.bind(node);
    node.keyEvent = (eventClass, ...rest) => {
      if (eventClass !== NOTIFY_EVICTED) keyEvent(eventClass, ...rest);
    };
  },
  /** A field that is set anew keeps its time to live. */
  "field-keeps-ttl": ({ node }) => {
    const { hashes } = node;
    const set = hashes.set.bind(hashes);
    hashes.set = (hash, field, value) => set(hash, field, value, true);
  },
  /** Time only goes forward: what was over once stays over. */
  "clock-never-goes-back": ({ node }) => {
    const setTime = node.setTime.bind(node);
    let latestMs = 0;
    node.setTime = (wallMs, monotonicUs) => {
      latestMs = Math.max(latestMs, wallMs);
      setTime(latestMs, monotonicUs);
    };
  },
  /** An iteration leaves out an element now and then. */
  "scan-skips": ({ node }) => {
    const { dicts } = node.keyspace;
    const scan = dicts.scan.bind(dicts);
    let count = 0;
    dicts.scan = (dict, cursor, countMax, found) => {
      const next = scan(dict, cursor, countMax, found);
      if (++count % 10 === 0 && found.count > 0) found.count--;
      return next;
    };
  },
  /** Acknowledging forgets one entry in ten. */
  "lost-acknowledgement": ({ node }) => {
    const { groups } = node.streams;
    const removePending = groups.removePending.bind(groups);
    let count = 0;
    groups.removePending = (group, id) => ++count % 10 === 0 || removePending(group, id);
  },
  /** Nobody is told of keys that expire. */
  "expires-quietly": ({ node }) => {
    const { notifications } = node;
    const publish = notifications.publish.bind(notifications);
    notifications.publish = (eventClass, ...rest) => {
      if (eventClass !== NOTIFY_EXPIRED) publish(eventClass, ...rest);
    };
  },
  /** A client that caches is not told of a key that it has read. */
  "forgets-a-reader": ({ node }) => {
    const { tracking } = node;
    const remember = tracking.remember.bind(tracking);
    let count = 0;
    tracking.remember = (client, command, args) => {
      if (++count % 5 !== 0) remember(client, command, args);
    };
  },
  /** Clients that cache whole prefixes hear of changes a whole event too late. */
  "broadcast-is-late": ({ node }) => {
    const { tracking } = node;
    const broadcast = tracking.broadcast.bind(tracking);
    let count = 0;
    tracking.broadcast = () => {
      if (++count % 4 === 0) broadcast();
    };
  },
};
