// Client-side caching: which clients were told which keys, and who must hear of a change.
import type { Client } from "./client.ts";

export class Tracking {
  /** True while any client has tracking switched on. */
  active = false;

  invalidate(_db: number, _bytes: Uint8Array, _offset: number, _length: number): void {}

  /** Databases were emptied: whatever clients have cached is void. */
  flushed(): void {}

  forget(_client: Client): void {}
}
