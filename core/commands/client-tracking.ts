// CLIENT TRACKING and its relatives: client-side caching as its clients see it. How it works is in
// node/tracking.ts.
import {
  type Client,
  TRACKING,
  TRACKING_BCAST,
  TRACKING_BROKEN_REDIRECT,
  TRACKING_CACHING,
  TRACKING_NOLOOP,
  TRACKING_OPTIN,
  TRACKING_OPTOUT,
} from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { cString, SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";

const NO_SUCH_CLIENT = "ERR The client ID you want redirect to does not exist";
const ONE_REDIRECT = "ERR A client can only redirect to a single other client";
const PREFIX_WITHOUT_BCAST = "ERR PREFIX option requires BCAST mode to be enabled";
const BCAST_SWITCH =
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.";
const BCAST_WITH_OPT = "ERR OPTIN and OPTOUT are not compatible with BCAST";
const BOTH_OPTS = "ERR You can't specify both OPTIN mode and OPTOUT mode";
const OPT_SWITCH =
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.";
const NOT_TRACKING =
  "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled";
const YES_NEEDS_OPTIN =
  "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.";
const NO_NEEDS_OPTOUT =
  "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.";

/** The words behind CLIENT TRACKING ON or OFF. */
interface TrackingOptions {
  /** Client id, 0 for none. */
  redirect: number;
  modes: number;
  readonly prefixes: string[];
}

/**
 * CLIENT TRACKING ON | OFF [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN]
 * [OPTOUT] [NOLOOP]
 */
function tracking(ctx: Context, args: Args, reply: Reply): void {
  const { client, node } = ctx;
  const options = readOptions(ctx, args, reply);
  if (options === null) return;
  if (args.is(2, "on")) {
    const conflict = findConflict(client, options);
    if (conflict !== null) return reply.error(conflict);
    node.tracking.enable(client, options.redirect, options.modes, options.prefixes);
  } else if (args.is(2, "off")) {
    node.tracking.disable(client);
  } else {
    return reply.error(SYNTAX_ERROR);
  }
  reply.ok();
}

/** The options, or null after an error reply. */
function readOptions({ node }: Context, args: Args, reply: Reply): TrackingOptions | null {
  const options: TrackingOptions = { redirect: 0, modes: 0, prefixes: [] };
  for (let i = 3; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, "redirect") && hasMore) {
      i++;
      if (options.redirect !== 0) return refuse(reply, ONE_REDIRECT);
      options.redirect = longArgument(args, i, reply);
      if (Number.isNaN(options.redirect)) return null;
      // It may go away later; that it exists now catches mistakes.
      if (node.clients.byId(options.redirect) === undefined) return refuse(reply, NO_SUCH_CLIENT);
    } else if (args.is(i, "prefix") && hasMore) {
      i++;
      options.prefixes.push(args.latin1(i));
    } else {
      const mode = modeNamed(args, i);
      if (mode === 0) return refuse(reply, SYNTAX_ERROR);
      options.modes |= mode;
    }
  }
  return options;
}

function refuse(reply: Reply, error: string): null {
  reply.error(error);
  return null;
}

function modeNamed(args: Args, i: number): number {
  if (args.is(i, "bcast")) return TRACKING_BCAST;
  if (args.is(i, "optin")) return TRACKING_OPTIN;
  if (args.is(i, "optout")) return TRACKING_OPTOUT;
  return args.is(i, "noloop") ? TRACKING_NOLOOP : 0;
}

/** The error of options that do not fit together or to what the client has switched on, or null. */
function findConflict(client: Client, { modes, prefixes }: TrackingOptions): string | null {
  const bcast = modes & TRACKING_BCAST;
  const optIn = (modes & TRACKING_OPTIN) !== 0;
  const optOut = (modes & TRACKING_OPTOUT) !== 0;
  if (bcast === 0 && prefixes.length > 0) return PREFIX_WITHOUT_BCAST;
  if (client.has(TRACKING) && (client.flags & TRACKING_BCAST) !== bcast) return BCAST_SWITCH;
  if (bcast !== 0 && (optIn || optOut)) return BCAST_WITH_OPT;
  if (optIn && optOut) return BOTH_OPTS;
  if ((optIn && client.has(TRACKING_OPTOUT)) || (optOut && client.has(TRACKING_OPTIN))) {
    return OPT_SWITCH;
  }
  return findOverlap(client, prefixes);
}

/** No key may have two of a client's prefixes: it would be told twice. */
function findOverlap(client: Client, prefixes: readonly string[]): string | null {
  for (const [i, prefix] of prefixes.entries()) {
    for (const existing of client.trackingPrefixes ?? []) {
      if (overlap(prefix, existing)) return overlapError(prefix, "an existing prefix", existing);
    }
    for (const other of prefixes.slice(i + 1)) {
      if (overlap(prefix, other)) return overlapError(prefix, "another provided prefix", other);
    }
  }
  return null;
}

function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function overlapError(prefix: string, what: string, other: string): string {
  return `ERR Prefix '${cString(prefix)}' overlaps with ${what} '${cString(other)}'. Prefixes for a single client must not overlap.`;
}

/** CLIENT CACHING YES | NO: about the keys of the next command, or of the transaction. */
function caching({ client }: Context, args: Args, reply: Reply): void {
  if (!client.has(TRACKING)) return reply.error(NOT_TRACKING);
  if (args.is(2, "yes")) {
    if (!client.has(TRACKING_OPTIN)) return reply.error(YES_NEEDS_OPTIN);
  } else if (args.is(2, "no")) {
    if (!client.has(TRACKING_OPTOUT)) return reply.error(NO_NEEDS_OPTOUT);
  } else {
    return reply.error(SYNTAX_ERROR);
  }
  client.set(TRACKING_CACHING);
  reply.ok();
}

/** CLIENT GETREDIR */
function getRedirect({ client }: Context, _args: Args, reply: Reply): void {
  reply.integer(redirectOf(client));
}

/** The id of the client that gets the messages, 0 for the client itself, -1 with tracking off. */
function redirectOf(client: Client): number {
  return client.has(TRACKING) ? client.trackingRedirect : -1;
}

/** CLIENT TRACKINGINFO */
function trackingInfo({ client }: Context, _args: Args, reply: Reply): void {
  const flags = flagNames(client);
  const prefixes = [...(client.trackingPrefixes ?? [])].sort();
  reply.map(3);
  reply.bulkText("flags");
  reply.set(flags.length);
  for (const flag of flags) reply.bulkText(flag);
  reply.bulkText("redirect");
  reply.integer(redirectOf(client));
  reply.bulkText("prefixes");
  reply.array(prefixes.length);
  for (const prefix of prefixes) reply.bulkText(prefix);
}

function flagNames(client: Client): string[] {
  const names = [client.has(TRACKING) ? "on" : "off"];
  const hasCaching = client.has(TRACKING_CACHING);
  if (client.has(TRACKING_BCAST)) names.push("bcast");
  if (client.has(TRACKING_OPTIN)) names.push("optin");
  if (client.has(TRACKING_OPTIN) && hasCaching) names.push("caching-yes");
  if (client.has(TRACKING_OPTOUT)) names.push("optout");
  if (client.has(TRACKING_OPTOUT) && hasCaching) names.push("caching-no");
  if (client.has(TRACKING_NOLOOP)) names.push("noloop");
  if (client.has(TRACKING_BROKEN_REDIRECT)) names.push("broken_redirect");
  return names;
}

export const clientTrackingCommands: readonly CommandEntry[] = [
  command("client|tracking", tracking),
  command("client|caching", caching),
  command("client|getredir", getRedirect),
  command("client|trackinginfo", trackingInfo),
];
