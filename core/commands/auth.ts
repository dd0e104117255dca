// Logging in and starting anew: AUTH, HELLO, RESET and QUIT.
import {
  ASKING_FLAG,
  CLOSE_AFTER_REPLY,
  type Client,
  MONITOR,
  NO_EVICT,
  NO_TOUCH,
  PRIMARY,
  READONLY_CLUSTER,
  REPLICA,
  REPLY_OFF,
  REPLY_SKIP_NEXT,
} from "../node/client.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { REDIS_VERSION } from "../version.ts";
import { INVALID_NAME, invalidAttribute } from "./client-names.ts";
import { type CommandEntry, command } from "./command.ts";
import { SYNTAX_ERROR } from "./errors.ts";
import { longArgument } from "./numbers.ts";

const DEFAULT_USER = "default";
const INVALID_VERSION = "ERR Protocol version is not an integer or out of range";
const WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";
const NO_PASSWORD =
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";
const NOT_LOGGED_IN =
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time";

/** AUTH [username] password */
function auth(ctx: Context, args: Args, reply: Reply): void {
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  for (let i = 1; i < args.count; i++) ctx.redact(i);
  const alone = args.count === 2;
  if (alone && ctx.node.config.values.requirepass === "") return reply.error(NO_PASSWORD);
  const user = alone ? DEFAULT_USER : args.latin1(1);
  if (logIn(ctx, user, args.latin1(args.count - 1))) reply.ok();
  else reply.error(WRONG_PASSWORD);
}

/** HELLO [protover [AUTH username password] [SETNAME clientname]] */
function hello(ctx: Context, args: Args, reply: Reply): void {
  const { client } = ctx;
  let version = 0;
  if (args.count > 1) {
    version = longArgument(args, 1, reply, INVALID_VERSION);
    if (Number.isNaN(version)) return;
    if (version < 2 || version > 3) {
      return reply.error("NOPROTO unsupported protocol version");
    }
  }
  let user: string | null = null;
  let password = "";
  let name: string | null = null;
  for (let i = 2; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (args.is(i, "auth") && more >= 2) {
      ctx.redact(i + 1);
      ctx.redact(i + 2);
      user = args.latin1(i + 1);
      password = args.latin1(i + 2);
      i += 2;
    } else if (args.is(i, "setname") && more >= 1) {
      name = args.latin1(i + 1);
      if (invalidAttribute(name)) return reply.error(INVALID_NAME);
      i++;
    } else {
      return reply.error(`ERR Syntax error in HELLO option '${args.latin1(i)}'`);
    }
  }
  if (user !== null && !logIn(ctx, user, password)) return reply.error(WRONG_PASSWORD);
  if (!client.authenticated) return reply.error(NOT_LOGGED_IN);
  if (name !== null) client.name = name;
  if (version !== 0) setProtocol(client, reply, version);
  writeServer(ctx, reply);
}

function writeServer({ client, node }: Context, reply: Reply): void {
  const { values } = node.config;
  const texts: [name: string, value: string | number][] = [
    ["server", "redis"],
    ["version", REDIS_VERSION],
    ["proto", client.resp],
    ["id", client.id],
    ["mode", values.clusterEnabled ? "cluster" : "standalone"],
    ["role", values.replicaof === null ? "master" : "replica"],
  ];
  reply.map(texts.length + 1);
  for (const [name, value] of texts) {
    reply.bulkText(name);
    if (typeof value === "number") reply.integer(value);
    else reply.bulkText(value);
  }
  reply.bulkText("modules");
  reply.array(0);
}

/** RESET */
function reset(ctx: Context, _args: Args, reply: Reply): void {
  const { client, node } = ctx;
  if (client.has(PRIMARY) || (client.has(REPLICA) && !client.has(MONITOR))) {
    return reply.error("ERR can only reset normal client connections");
  }
  node.clients.monitors.delete(client);
  node.notifications.forget(client);
  node.dispatcher.discard(client);
  client.db = 0;
  client.name = "";
  client.user = DEFAULT_USER;
  client.authenticated = node.config.values.requirepass === "";
  client.unset(MONITOR | ASKING_FLAG | READONLY_CLUSTER | REPLY_OFF | REPLY_SKIP_NEXT);
  client.unset(NO_TOUCH | NO_EVICT);
  setProtocol(client, reply, 2);
  reply.simple("RESET");
}

/** QUIT */
function quit(ctx: Context, _args: Args, reply: Reply): void {
  reply.ok();
  ctx.client.set(CLOSE_AFTER_REPLY);
}

/** The client is `user` from now on, if the password is right. */
function logIn({ client, node }: Context, user: string, password: string): boolean {
  const { requirepass } = node.config.values;
  if (user !== DEFAULT_USER || (requirepass !== "" && !sameText(password, requirepass))) {
    node.statistics.aclDeniedAuth++;
    return false;
  }
  client.user = user;
  client.authenticated = true;
  return true;
}

/** Compares secrets in a time that does not tell how much of a guess was right. */
function sameText(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given.charCodeAt(i) ^ secret.charCodeAt(i % secret.length);
  }
  return difference === 0;
}

/** The reply in work follows, too: the rest of it is for the new protocol. */
function setProtocol(client: Client, reply: Reply, version: number): void {
  client.resp = version;
  reply.resp = version;
}

export const authCommands: readonly CommandEntry[] = [
  command("auth", auth),
  command("hello", hello),
  command("reset", reset),
  command("quit", quit),
];
