// DEBUG PROTOCOL: a sample of each kind of reply, for authors of clients.
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { asciiLower } from "../util/bytes.ts";
import { type DebugEntry, debugCommand } from "./debug-entry.ts";

const SAMPLES: Readonly<Record<string, (reply: Reply, ctx: Context) => void>> = {
  string: (reply) => reply.bulkText("Hello World"),
  integer: (reply) => reply.integer(12345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: Redis sends these very digits.
  double: (reply) => reply.double(3.141),
  bignum: (reply) => reply.bigNumber("1234567999999999999999999999999999999"),
  null: (reply) => reply.nil(),
  array: (reply) => {
    reply.array(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  set: (reply) => {
    reply.set(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  map: (reply) => {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib: (reply) => {
    if (reply.resp >= 3) {
      reply.raw("|1\r\n");
      reply.bulkText("key-popularity");
      reply.array(2);
      reply.bulkText("key:123");
      reply.integer(90);
    }
    reply.bulkText("Some real reply following the attribute");
  },
  push: (reply, ctx) => {
    if (reply.resp < 3) return reply.error("ERR RESP2 is not supported by this command");
    // A message to the client whose command runs follows the command's reply.
    const message = ctx.node.messageTo(ctx.client);
    message.push(2);
    message.bulkText("server-cpu-usage");
    message.integer(42);
    reply.bulkText("Some real reply following the push reply");
  },
  verbatim: (reply) => reply.verbatim("txt", "This is a verbatim\nstring"),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
};

/** DEBUG PROTOCOL type */
function protocol(ctx: Context, args: Args, reply: Reply): void {
  const name = asciiLower(args.latin1(2));
  if (Object.hasOwn(SAMPLES, name)) return SAMPLES[name](reply, ctx);
  reply.error(
    "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
  );
}

export const debugProtocol: readonly DebugEntry[] = [debugCommand("protocol", 3, 3, protocol)];
