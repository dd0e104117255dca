// CLIENT KILL, in its old form (an address) and its new one (filters).
import { CLOSE_AFTER_REPLY, type Client } from "../node/client.ts";
import { secondsBetween } from "../node/client-memory.ts";
import type { ClientClass } from "../node/clients.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { clientClassNamed, unknownClientType } from "./client-types.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { wideInteger } from "./expiry.ts";

/** Which clients to close; null, and 0 for the age: any. */
interface Filters {
  address: string | null;
  localAddress: string | null;
  type: ClientClass | null;
  id: number | null;
  user: string | null;
  ageSeconds: number;
  skipsSelf: boolean;
}

/**
 * CLIENT KILL addr:port | [ID id] [TYPE type] [USER name] [ADDR addr] [LADDR addr] [SKIPME yes|no]
 * [MAXAGE seconds] …
 */
export function kill(ctx: Context, args: Args, reply: Reply): void {
  const filters: Filters = {
    address: null,
    localAddress: null,
    type: null,
    id: null,
    user: null,
    ageSeconds: 0,
    skipsSelf: true,
  };
  const isOldForm = args.count === 3;
  if (isOldForm) {
    filters.address = args.latin1(2);
    filters.skipsSelf = false;
  } else {
    if (!readFilters(filters, args, reply)) return;
  }
  const count = closeMatching(ctx, filters);
  if (!isOldForm) reply.integer(count);
  else if (count === 0) reply.error("ERR No such client");
  else reply.ok();
}

/** Reads options and values from argument 2 on. False after it has answered with an error. */
function readFilters(filters: Filters, args: Args, reply: Reply): boolean {
  for (let i = 2; i < args.count; i += 2) {
    const error = i + 1 < args.count ? readFilter(filters, args, i) : SYNTAX_ERROR;
    if (error === null) continue;
    reply.error(error);
    return false;
  }
  return true;
}

/** Reads one option and its value; answers with the error, or null. */
function readFilter(filters: Filters, args: Args, i: number): string | null {
  const value = i + 1;
  if (args.is(i, "id")) {
    filters.id = wideInteger(args, value);
    return filters.id > 0 ? null : "ERR client-id should be greater than 0";
  }
  if (args.is(i, "maxage")) {
    filters.ageSeconds = wideInteger(args, value);
    if (Number.isNaN(filters.ageSeconds)) return "ERR maxage is not an integer or out of range";
    return filters.ageSeconds > 0 ? null : "ERR maxage should be greater than 0";
  }
  if (args.is(i, "type")) {
    filters.type = clientClassNamed(args, value);
    return filters.type === null ? unknownClientType(args, value) : null;
  }
  if (args.is(i, "user")) {
    filters.user = args.latin1(value);
    return filters.user === "default" ? null : `ERR No such user '${filters.user}'`;
  }
  if (args.is(i, "skipme")) {
    filters.skipsSelf = args.is(value, "yes");
    return filters.skipsSelf || args.is(value, "no") ? null : SYNTAX_ERROR;
  }
  if (args.is(i, "addr")) filters.address = args.latin1(value);
  else if (args.is(i, "laddr")) filters.localAddress = args.latin1(value);
  else return SYNTAX_ERROR;
  return null;
}

/** Closes the clients that pass; the caller itself only after its reply. Answers with their number. */
function closeMatching({ client: self, node, nowMs }: Context, filters: Filters): number {
  let count = 0;
  for (const client of node.clients.all()) {
    if (filters.skipsSelf && client === self) continue;
    if (!passes(client, node.clients.classOf(client), filters, nowMs)) continue;
    count++;
    if (client === self) client.set(CLOSE_AFTER_REPLY);
    else node.clients.close(client, false);
  }
  return count;
}

function passes(client: Client, type: ClientClass, filters: Filters, nowMs: number): boolean {
  return (
    (filters.address === null || client.peer.address === filters.address) &&
    (filters.localAddress === null || client.peer.localAddress === filters.localAddress) &&
    (filters.type === null || type === filters.type) &&
    (filters.id === null || client.id === filters.id) &&
    (filters.user === null || client.user === filters.user) &&
    (filters.ageSeconds === 0 || secondsBetween(client.createdMs, nowMs) >= filters.ageSeconds)
  );
}
