// redis.call: the arguments of a command from Lua values, the checks that Redis makes before a script
// may execute it, and its execution by a client that only scripts have.
//
// Arguments are written into one buffer and the reply into one Reply, both used again for every
// command, so that a call makes no object beside the values that the script gets. A refusal is
// written as an error reply too: to the script it makes no difference, and it is noted down alike.
import { TOO_FEW_REPLICAS } from "../commands/errors.ts";
import { DENYOOM, MAY_REPLICATE, NOSCRIPT, WRITE } from "../commands/flags.ts";
import type { Command } from "../commands/table.ts";
import { Client, DENY_BLOCKING, INTERNAL, MULTI } from "../node/client.ts";
import type { Node } from "../node/node.ts";
import { TO_ALL } from "../node/propagation.ts";
import { Args } from "../resp/args.ts";
import { Reply } from "../resp/reply.ts";
import { DOUBLE_TEXT_BYTES_MAX, writeDouble } from "../util/double.ts";
import { writeInteger } from "../util/integer.ts";
import { CallRecord } from "./call-record.ts";
import type { LuaValue } from "./lua/value.ts";
import type { ScriptRun } from "./script-run.ts";

const MINUS = 45;
const INITIAL_BYTES = 1024;
/** A larger buffer is given back after use. */
const KEEP_BYTES_MAX = 1024 * 1024;

const UNKNOWN = "ERR Unknown Redis command called from script";
const WRONG_ARITY = "ERR Wrong number of args calling Redis command from script";
const NOT_FROM_SCRIPT = "ERR This Redis command is not allowed from script";
const READ_ONLY = "ERR Write commands are not allowed from read-only scripts.";
const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

/** Nobody: the peer of the client that scripts have. */
const NO_PEER = {
  address: "?:0",
  localAddress: "?:0",
  unixSocket: false,
  loopback: true,
  descriptor: -1,
};

export class CommandCalls {
  readonly #node: Node;
  readonly #run: ScriptRun;
  readonly record: CallRecord = new CallRecord();
  readonly client: Client;
  readonly args: Args = new Args();
  readonly #reply: Reply = new Reply();
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #size = 0;
  /** Commands that are not for scripts are executed all the same: for tests. */
  allowsAll = false;
  /** Why a command was not executed; whoever wants to know empties it before. */
  refusal = "";
  /** Where the reply of the command executed last is: at `replyBytes[replyStart]`. */
  replyBytes: Uint8Array = this.#bytes;
  replyStart = 0;

  constructor(node: Node, run: ScriptRun) {
    this.#node = node;
    this.#run = run;
    this.client = new Client(0, -1, NO_PEER, 0);
    this.client.set(INTERNAL | DENY_BLOCKING);
    this.client.authenticated = true;
  }

  /** A script begins, called by this client. */
  prepare(caller: Client): void {
    const { client } = this;
    client.db = caller.db;
    client.user = caller.user;
    if (caller.has(MULTI)) client.set(MULTI);
    else client.unset(MULTI);
    this.record.reset();
  }

  // -- arguments ----------------------------------------------------------------------------------

  /** Begins the arguments of a command. */
  begin(): void {
    if (this.#bytes.length > KEEP_BYTES_MAX) this.#replace(new Uint8Array(INITIAL_BYTES));
    this.#size = 0;
    this.args.clear();
  }

  /** Adds an argument. False when it is neither text nor a number. */
  add(value: LuaValue): boolean {
    if (typeof value === "string") this.#addText(value);
    else if (typeof value === "number") this.#addNumber(value);
    else return false;
    return true;
  }

  #addText(text: string): void {
    const { length } = text;
    const start = this.#size;
    const end = start + length;
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i);
    this.#size = end;
    this.args.push(start, length);
  }

  #addNumber(value: number): void {
    const start = this.#size;
    if (start + DOUBLE_TEXT_BYTES_MAX > this.#bytes.length) {
      this.#grow(start + DOUBLE_TEXT_BYTES_MAX);
    }
    if (Number.isSafeInteger(value)) {
      this.#size = writeInteger(this.#bytes, start, value === 0 ? 0 : value);
    } else if (Number.isNaN(value)) {
      // What x86-64 makes of 0/0 is negative.
      return this.#addText("-nan");
    } else {
      this.#size = writeDouble(this.#bytes, start, value);
    }
    this.args.push(start, this.#size - start);
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
    bytes.set(this.#bytes.subarray(0, this.#size));
    this.#replace(bytes);
  }

  #replace(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** The command that the arguments call, or null. */
  resolve(): Command | null {
    this.args.attach(this.#bytes, this.#view);
    return this.#node.commands.resolve(this.args);
  }

  /** The reply of the command executed last is an error. */
  get isError(): boolean {
    return this.replyBytes[this.replyStart] === MINUS;
  }

  // -- execution ----------------------------------------------------------------------------------

  /** Executes the command, or tells what it answered before. */
  execute(): void {
    const { record } = this;
    if (record.hasNext) {
      this.replyBytes = record.bytes;
      this.replyStart = record.next();
      return;
    }
    const reply = this.#reply;
    reply.reset();
    this.#execute(reply);
    if (!record.closed) record.add(reply);
    this.replyBytes = reply.bytes;
    this.replyStart = 0;
  }

  #execute(reply: Reply): void {
    const run = this.#run;
    const { args } = this;
    const { dispatcher, propagation } = this.#node;
    const command = this.resolve();
    const refusal = this.#refusal(command);
    if (refusal !== "") return this.#refuse(reply, command, refusal);
    if ((command!.flags & WRITE) !== 0) run.hasWritten = true;
    reply.resp = run.resp;
    propagation.targets = run.targets;
    dispatcher.call(this.client, command!, args, reply);
    propagation.targets = TO_ALL;
  }

  /** Why the command must not be executed, "" when it may. */
  #refusal(command: Command | null): string {
    const run = this.#run;
    if (command === null) return UNKNOWN;
    if (!command.takes(this.args.count)) return WRONG_ARITY;
    const { flags } = command;
    if ((flags & NOSCRIPT) !== 0 && !this.allowsAll) return NOT_FROM_SCRIPT;
    if (run.isReadOnly && (flags & (WRITE | MAY_REPLICATE)) !== 0) return READ_ONLY;
    // A script that has written goes on: it must not end in the middle of what it does.
    if (run.hasWritten) return "";
    const { lacksReplicas, outOfMemory } = this.#node.dispatcher;
    if (lacksReplicas && (flags & WRITE) !== 0) return TOO_FEW_REPLICAS;
    return outOfMemory && (flags & DENYOOM) !== 0 && !run.allowsOom ? OUT_OF_MEMORY : "";
  }

  #refuse(reply: Reply, command: Command | null, text: string): void {
    this.refusal = text;
    reply.error(text);
    this.#node.statistics.noteErrors(reply);
    if (command !== null) command.rejectedCalls++;
  }
}
