// WATCH: which clients observe which keys. Consulted only while somebody watches.
import { type Client, DIRTY_CAS, type WatchedKey } from "./client.ts";

export class Watch {
  readonly #watchers: Map<string, Set<Client>> = new Map();

  get active(): boolean {
    return this.#watchers.size > 0;
  }

  /** Number of distinct watched keys. */
  get keyCount(): number {
    return this.#watchers.size;
  }

  add(client: Client, watched: WatchedKey): void {
    if (client.watched.some((other) => other.db === watched.db && other.key === watched.key))
      return;
    client.watched.push(watched);
    const name = nameOf(watched.db, watched.key);
    const clients = this.#watchers.get(name);
    if (clients === undefined) this.#watchers.set(name, new Set([client]));
    else clients.add(client);
  }

  /** The client watches nothing any more. */
  clear(client: Client): void {
    for (const { db, key } of client.watched) {
      const name = nameOf(db, key);
      const clients = this.#watchers.get(name);
      clients?.delete(client);
      if (clients?.size === 0) this.#watchers.delete(name);
    }
    client.watched = [];
  }

  /** The key changed: transactions of those who watch it will fail. */
  touch(db: number, key: string): void {
    const clients = this.#watchers.get(nameOf(db, key));
    if (clients === undefined) return;
    for (const client of clients) {
      // A key that was already expired when WATCH was called does not change by being removed.
      const own = client.watched.find((other) => other.db === db && other.key === key);
      if (own?.expired === true) continue;
      client.set(DIRTY_CAS);
    }
  }

  /** All watched keys of a database, or of all (-1), for FLUSHDB, FLUSHALL and SWAPDB. */
  keysOf(db: number): { db: number; key: string }[] {
    const keys: { db: number; key: string }[] = [];
    for (const name of this.#watchers.keys()) {
      const space = name.indexOf(" ");
      const own = Number(name.slice(0, space));
      if (db === -1 || own === db) keys.push({ db: own, key: name.slice(space + 1) });
    }
    return keys;
  }
}

function nameOf(db: number, key: string): string {
  return `${db} ${key}`;
}
