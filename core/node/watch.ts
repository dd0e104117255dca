// WATCH: which clients observe which keys. Consulted only while somebody watches.
//
// Time alone changes a key when it expires. A key whose time is over when WATCH is called may still
// be there; that it is removed later is no change (`expired`). A key whose time ends while it is
// watched is a change, whether or not it has been removed: EXEC looks (`anyExpired`).
import type { Database } from "../keyspace/database.ts";
import { NONE } from "../memory/arena.ts";
import { toBytes } from "../util/bytes.ts";
import { type Client, DIRTY_CAS, type WatchedKey } from "./client.ts";

export class Watch {
  /** "db key" → the clients that watch it. */
  readonly #watchers: Map<string, Set<Client>> = new Map();
  /** Number of clients that watch something. */
  clientCount = 0;

  get active(): boolean {
    return this.#watchers.size > 0;
  }

  /** Number of distinct watched keys. */
  get keyCount(): number {
    return this.#watchers.size;
  }

  /** The client watches a key, one character per byte, of a database from now on. */
  add(client: Client, db: Database, key: string): void {
    const { index } = db;
    if (client.watched.some((other) => other.db === index && other.key === key)) return;
    if (client.watched.length === 0) this.clientCount++;
    client.watched.push({ db: index, key, expired: isExpired(db, key) });
    const name = nameOf(index, key);
    const clients = this.#watchers.get(name);
    if (clients === undefined) this.#watchers.set(name, new Set([client]));
    else clients.add(client);
  }

  /** The client watches nothing any more. */
  clear(client: Client): void {
    if (client.watched.length === 0) return;
    for (const { db, key } of client.watched) {
      const name = nameOf(db, key);
      const clients = this.#watchers.get(name)!;
      clients.delete(client);
      if (clients.size === 0) this.#watchers.delete(name);
    }
    client.watched = [];
    this.clientCount--;
  }

  /** The key changed: transactions of those who watch it will fail. */
  touch(db: number, key: string): void {
    for (const client of this.#watchers.get(nameOf(db, key)) ?? []) {
      const watched = watchedBy(client, db, key);
      if (watched.expired) {
        // The key that was expired is removed. If it is set again, that is another change.
        watched.expired = false;
        continue;
      }
      client.set(DIRTY_CAS);
      this.clear(client);
    }
  }

  /** True when a key that the client watches has expired since. */
  anyExpired(client: Client, databases: readonly Database[]): boolean {
    return client.watched.some(({ db, key, expired }) => !expired && isExpired(databases[db], key));
  }

  /**
   * All keys of a database are about to go, and those of `replacement` to take their place (SWAPDB;
   * null for FLUSHDB and FLUSHALL): touches the watched keys that are in either. To be called before
   * it happens, for SWAPDB once for each of the two.
   */
  databaseReplaced(emptied: Database, replacement: Database | null): void {
    if (this.#watchers.size === 0) return;
    const prefix = nameOf(emptied.index, "");
    for (const [name, clients] of [...this.#watchers]) {
      if (!name.startsWith(prefix)) continue;
      const key = name.slice(prefix.length);
      const existed = isThere(emptied, key);
      const comes = replacement !== null && isThere(replacement, key);
      if (!existed && !comes) continue;
      const expiredComes = comes && isExpired(replacement, key);
      for (const client of clients) {
        const watched = watchedBy(client, emptied.index, key);
        if (watched.expired && !comes) {
          watched.expired = false;
        } else if (expiredComes && (watched.expired || !existed)) {
          // Logically there was no key and there is none.
          watched.expired = true;
        } else {
          client.set(DIRTY_CAS);
          this.clear(client);
        }
      }
    }
  }
}

function watchedBy(client: Client, db: number, key: string): WatchedKey {
  return client.watched.find((watched) => watched.db === db && watched.key === key)!;
}

/** True when the key is there, its time over or not. */
function isThere(db: Database, key: string): boolean {
  return findAny(db, key) !== NONE;
}

/** True when the key is there and its time is over. */
function isExpired(db: Database, key: string): boolean {
  const entry = findAny(db, key);
  return entry !== NONE && db.isExpired(entry);
}

function findAny(db: Database, key: string): number {
  const bytes = toBytes(key);
  return db.findAny(new DataView(bytes.buffer), 0, bytes.length);
}

function nameOf(db: number, key: string): string {
  return `${db} ${key}`;
}
