// BITFIELD and BITFIELD_RO: integers of any width inside a string.
import { NOTIFY_STRING } from "../keyspace/events.ts";
import type { Context } from "../node/context.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { getUnsigned, setUnsigned } from "../util/bits.ts";
import { parseInt64, parseInteger } from "../util/integer.ts";
import { bitOffset, growForBit, loadString } from "./bitmap.ts";
import { type CommandEntry, command } from "./command.ts";
import { NOT_INTEGER, SYNTAX_ERROR } from "./errors.ts";

type Overflow = "wrap" | "sat" | "fail";

interface Operation {
  readonly kind: "get" | "set" | "incrby";
  readonly signed: boolean;
  readonly width: number;
  readonly offset: number;
  /** SET's value or INCRBY's increment. */
  readonly operand: bigint;
  readonly overflow: Overflow;
}

const TYPE_ERROR =
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";
const INT64_MAX = 2n ** 63n - 1n;
const OFFSET_ERROR = "ERR bit offset is not an integer or out of range";

/** `i8`, `u63`: its sign and width, or null. */
function parseType(args: Args, i: number): { signed: boolean; width: number } | null {
  if (args.length[i] === 0) return null;
  const letter = args.bytes[args.offset[i]];
  const signed = letter === 105;
  if (!signed && letter !== 117) return null;
  const width = parseInteger(args.bytes, args.offset[i] + 1, args.length[i] - 1);
  return width >= 1 && width <= (signed ? 64 : 63) ? { signed, width } : null;
}

/** The operations, or null after an error reply. */
function parseOperations(ctx: Context, args: Args, reply: Reply): Operation[] | null {
  const operations: Operation[] = [];
  let overflow: Overflow = "wrap";
  const fail = (error: string): null => {
    reply.error(error);
    return null;
  };
  for (let i = 2; i < args.count; ) {
    const rest = args.count - i - 1;
    if (args.is(i, "overflow") && rest >= 1) {
      const chosen = (["wrap", "sat", "fail"] as const).find((name) => args.is(i + 1, name));
      if (chosen === undefined) return fail("ERR Invalid OVERFLOW type specified");
      overflow = chosen;
      i += 2;
      continue;
    }
    const kind = (["get", "set", "incrby"] as const).find((name) => args.is(i, name));
    if (kind === undefined || rest < (kind === "get" ? 2 : 3)) return fail(SYNTAX_ERROR);
    const type = parseType(args, i + 1);
    if (type === null) return fail(TYPE_ERROR);
    const offset = bitOffset(ctx, args, i + 2, type.width);
    if (Number.isNaN(offset)) return fail(OFFSET_ERROR);
    let operand = 0n;
    if (kind !== "get") {
      const value = parseInt64(args.bytes, args.offset[i + 3], args.length[i + 3]);
      if (value === null) return fail(NOT_INTEGER);
      operand = value;
    }
    operations.push({ kind, ...type, offset, operand, overflow });
    i += kind === "get" ? 3 : 4;
  }
  return operations;
}

/** What a sum becomes in `width` bits, or null when it does not fit and OVERFLOW FAIL holds. */
function fit(sum: bigint, { kind, signed, width, overflow }: Operation): bigint | null {
  const max = (1n << BigInt(signed ? width - 1 : width)) - 1n;
  const min = signed ? -max - 1n : 0n;
  if (sum >= min && sum <= max) return sum;
  if (overflow === "fail") return null;
  if (overflow === "sat") {
    // Redis subtracts a value that is SET from the maximum, in 64 bits that then overflow themselves.
    return sum > max || (kind === "set" && max - sum > INT64_MAX) ? max : min;
  }
  return signed ? BigInt.asIntN(width, sum) : BigInt.asUintN(width, sum);
}

/** SET of a negative number to an unsigned field is judged by its 64 bits, as Redis does. */
function operandOf({ kind, signed, operand }: Operation): bigint {
  return kind === "set" && !signed ? BigInt.asUintN(64, operand) : operand;
}

function execute(ctx: Context, args: Args, reply: Reply, readOnly: boolean): void {
  const operations = parseOperations(ctx, args, reply);
  if (operations === null) return;
  const { strings } = ctx.node;
  const writes = operations.filter(({ kind }) => kind !== "get");
  let grown = false;
  if (writes.length === 0) {
    if (!loadString(ctx, args, 1, reply)) return;
  } else {
    if (readOnly) return reply.error("ERR BITFIELD_RO only supports the GET subcommand");
    const lastBit = Math.max(...writes.map(({ offset, width }) => offset + width - 1));
    const target = growForBit(ctx, args, reply, lastBit);
    if (target === null) return;
    ({ grown } = target);
  }
  const { bytes, offset: start, length } = strings;
  let changes = 0;
  reply.array(operations.length);
  for (const operation of operations) {
    const { kind, signed, width, offset } = operation;
    const unsigned = getUnsigned(bytes, start, length, offset, width);
    const old = signed ? BigInt.asIntN(width, unsigned) : unsigned;
    if (kind === "get") {
      reply.bigint(old);
      continue;
    }
    const base = kind === "incrby" ? old : 0n;
    const value = fit(base + operandOf(operation), operation);
    if (value === null) {
      reply.nil();
      continue;
    }
    reply.bigint(kind === "incrby" ? value : old);
    setUnsigned(bytes, start, offset, width, value);
    if (grown || value !== old) changes++;
  }
  if (changes > 0) {
    ctx.changed(args, 1, NOTIFY_STRING, "setbit");
    ctx.keyspace.dirty += changes - 1;
  }
}

/** BITFIELD key [GET type offset | [OVERFLOW …] SET type offset value | INCRBY type offset by] … */
function bitfield(ctx: Context, args: Args, reply: Reply): void {
  execute(ctx, args, reply, false);
}

/** BITFIELD_RO key [GET type offset …] */
function bitfieldRo(ctx: Context, args: Args, reply: Reply): void {
  execute(ctx, args, reply, true);
}

export const bitfieldCommands: readonly CommandEntry[] = [
  command("bitfield", bitfield),
  command("bitfield_ro", bitfieldRo),
];
