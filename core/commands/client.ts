// CLIENT: about this connection and the others. CLIENT KILL is in client-kill.ts, client-side caching
// (TRACKING, CACHING, GETREDIR, TRACKINGINFO) in client-tracking.ts.
import {
  type Client,
  NO_EVICT,
  NO_TOUCH,
  REPLY_OFF,
  REPLY_SKIP,
  REPLY_SKIP_NEXT,
} from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { kill } from "./client-kill.ts";
import { INVALID_NAME, invalidAttribute } from "./client-names.ts";
import { clientClassNamed, unknownClientType } from "./client-types.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR, unknownSubcommand } from "./errors.ts";
import { helpCommand } from "./help.ts";
import { longArgument } from "./numbers.ts";

/** 2^63 - 1 as a double. */
const INT64_MAX = 2 ** 63;

/** CLIENT ID */
function id({ client }: Context, _args: Args, reply: Reply): void {
  reply.integer(client.id);
}

/** CLIENT INFO */
function info({ client, node }: Context, _args: Args, reply: Reply): void {
  reply.verbatim("txt", `${node.clients.describe(client)}\n`);
}

/** CLIENT LIST [TYPE type] [ID client-id [client-id ...]] */
function list({ node }: Context, args: Args, reply: Reply): void {
  const { clients } = node;
  const listed: Client[] = [];
  if (args.count === 4 && args.is(2, "type")) {
    const type = clientClassNamed(args, 3);
    if (type === null) return reply.error(unknownClientType(args, 3));
    for (const client of clients.all()) if (clients.classOf(client) === type) listed.push(client);
  } else if (args.count > 3 && args.is(2, "id")) {
    for (let i = 3; i < args.count; i++) {
      const number = longArgument(args, i, reply, "ERR Invalid client ID");
      if (Number.isNaN(number)) return;
      const client = clients.byId(number);
      if (client !== undefined) listed.push(client);
    }
  } else if (args.count !== 2) {
    return reply.error(SYNTAX_ERROR);
  } else {
    listed.push(...clients.all());
  }
  let text = "";
  for (const client of listed) text += `${clients.describe(client)}\n`;
  reply.verbatim("txt", text);
}

/** CLIENT GETNAME */
function getName({ client }: Context, _args: Args, reply: Reply): void {
  if (client.name === "") reply.nil();
  else reply.bulkText(client.name);
}

/** CLIENT SETNAME name */
function setName({ client }: Context, args: Args, reply: Reply): void {
  const name = args.latin1(2);
  if (invalidAttribute(name)) return reply.error(INVALID_NAME);
  client.name = name;
  reply.ok();
}

/** CLIENT SETINFO LIB-NAME name | LIB-VER version */
function setInfo({ client }: Context, args: Args, reply: Reply): void {
  const isName = args.is(2, "lib-name");
  if (!isName && !args.is(2, "lib-ver")) {
    return reply.error(`ERR Unrecognized option '${args.latin1(2)}'`);
  }
  const value = args.latin1(3);
  if (invalidAttribute(value)) {
    const option = args.latin1(2);
    return reply.error(`ERR ${option} cannot contain spaces, newlines or special characters.`);
  }
  if (isName) client.libName = value;
  else client.libVersion = value;
  reply.ok();
}

/** CLIENT NO-EVICT ON | OFF */
function noEvict({ client }: Context, args: Args, reply: Reply): void {
  switchFlag(client, NO_EVICT, args, reply);
}

/** CLIENT NO-TOUCH ON | OFF */
function noTouch({ client }: Context, args: Args, reply: Reply): void {
  switchFlag(client, NO_TOUCH, args, reply);
}

function switchFlag(client: Client, flag: number, args: Args, reply: Reply): void {
  if (args.is(2, "on")) client.set(flag);
  else if (args.is(2, "off")) client.unset(flag);
  else return reply.error(SYNTAX_ERROR);
  reply.ok();
}

/** CLIENT REPLY ON | OFF | SKIP. Only ON is answered: replies are dropped in dispatch.ts. */
function switchReply({ client }: Context, args: Args, reply: Reply): void {
  if (args.is(2, "on")) {
    client.unset(REPLY_SKIP | REPLY_OFF);
    reply.ok();
  } else if (args.is(2, "off")) {
    client.set(REPLY_OFF);
  } else if (args.is(2, "skip")) {
    if (!client.has(REPLY_OFF)) client.set(REPLY_SKIP_NEXT);
  } else {
    reply.error(SYNTAX_ERROR);
  }
}

/** CLIENT PAUSE timeout-ms [WRITE | ALL] */
function pause({ node, nowMs }: Context, args: Args, reply: Reply): void {
  const writesOnly = args.count > 3 && args.is(3, "write");
  if (args.count > 4) return reply.error(unknownSubcommand("client", args.latin1(1)));
  if (args.count === 4 && !writesOnly && !args.is(3, "all")) {
    return reply.error("ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  const timeoutMs = longArgument(args, 2, reply, "ERR timeout is not an integer or out of range");
  if (Number.isNaN(timeoutMs)) return;
  if (timeoutMs < 0) return reply.error("ERR timeout is negative");
  if (timeoutMs + nowMs >= INT64_MAX) return reply.error("ERR timeout is out of range");
  node.clients.pause(nowMs + timeoutMs, writesOnly);
  reply.ok();
}

/** CLIENT UNPAUSE */
function unpause({ node }: Context, _args: Args, reply: Reply): void {
  node.clients.unpause();
  reply.ok();
}

/** CLIENT UNBLOCK client-id [TIMEOUT | ERROR] */
function unblock({ node }: Context, args: Args, reply: Reply): void {
  if (args.count > 4) return reply.error(unknownSubcommand("client", args.latin1(1)));
  const withError = args.count > 3 && args.is(3, "error");
  if (args.count === 4 && !withError && !args.is(3, "timeout")) {
    return reply.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  const number = longArgument(args, 2, reply);
  if (Number.isNaN(number)) return;
  const client = node.clients.byId(number);
  reply.integer(client !== undefined && node.blocking.unblockWith(client, withError) ? 1 : 0);
}

export const clientCommands: readonly CommandEntry[] = [
  helpCommand("client"),
  command("client|id", id),
  command("client|info", info),
  command("client|list", list),
  command("client|kill", kill),
  command("client|getname", getName),
  command("client|setname", setName),
  command("client|setinfo", setInfo),
  command("client|no-evict", noEvict),
  command("client|no-touch", noTouch),
  command("client|reply", switchReply),
  command("client|pause", pause),
  command("client|unpause", unpause),
  command("client|unblock", unblock),
];
