// Executing a command: find it, check whether this client may run it now, queue it inside MULTI or
// call it, and account for it. The order of the checks is Redis's, because it decides which error a
// client sees first. It is one class because the short way and the full way must stay the same in what
// they do: they share the context, the clock and the accounting.
import {
  EXEC_ABORT,
  NO_AUTH_ERROR,
  OUT_OF_MEMORY,
  TOO_FEW_REPLICAS,
  wrongArity,
} from "../commands/errors.ts";
import {
  ADMIN,
  ALLOW_BUSY,
  DENYOOM,
  FAST,
  MAY_REPLICATE,
  NO_AUTH,
  NO_MANDATORY_KEYS,
  NO_MULTI,
  PROTECTED,
  READONLY,
  SKIP_MONITOR,
  SKIP_SLOWLOG,
  WRITE,
} from "../commands/flags.ts";
import type { Command, CommandTable } from "../commands/table.ts";
import { EVICTION_FAILED } from "../keyspace/eviction.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import {
  BLOCKED,
  CLOSED,
  type Client,
  DIRTY_CAS,
  DIRTY_EXEC,
  MONITOR,
  MULTI,
  NO_EVICT,
  NO_TOUCH,
  POSTPONED,
  PUBSUB,
  REPLICA,
  REPLY_OFF,
  REPLY_SKIP,
  REPLY_SKIP_NEXT,
  TRACKING,
  TRACKING_BCAST,
  TRACKING_CACHING,
  UNBLOCKED,
} from "./client.ts";
import { CommandClock } from "./command-clock.ts";
import { Context, PROPAGATE_VERBATIM } from "./context.ts";
import { recordLatency } from "./latency-histogram.ts";
import type { Node } from "./node.ts";

const UNKNOWN_ARGS_MAX = 128;
/** What MULTI needs per argument of a queued command besides its bytes. */
const QUEUED_ARGUMENT_BYTES = 8;
/** Flags of a client that change nothing about how its commands run. */
const USUAL_FLAGS = NO_EVICT | UNBLOCKED;
/** A quick command with more arguments, reply or difference in memory is timed by itself. */
const QUICK_ARGS_MAX = 16;
const QUICK_REPLY_BYTES_MAX = 4096;
const QUICK_MEMORY_BYTES_MAX = 65536;
/** The slow log does not look for commands that are faster than this: they may be timed together. */
const TIMED_TOGETHER_US_MIN = 1000;

export class Dispatcher {
  readonly #node: Node;
  #context: Context | null = null;
  #checksMemory = false;
  #authRequired = false;
  /** Quick commands may be timed together. */
  #timesTogether = true;
  /** Something has to be looked at before or after every command, besides memory: see `look`. */
  #isGuarded = true;
  /** The command that the context is set up for since `look`: mostly the next one is the same. */
  #plainCommand: Command | null = null;
  readonly clock: CommandClock;
  /** Nesting: EXEC and scripts call commands inside a command. */
  depth = 0;
  /** Before the last command memory was short, and nothing could be evicted. */
  outOfMemory = false;
  /** Fewer replicas than `min-replicas-to-write` wants: nothing may be written. */
  lacksReplicas = false;
  /** The client whose command is in work; for the commands of a script, who called the script. */
  executing: Client | null = null;
  /** What the outermost command in work answers with. */
  #outerReply: Reply | null = null;
  readonly #names: KnownCommands;

  constructor(node: Node) {
    this.#node = node;
    this.clock = new CommandClock(node.host, node.statistics);
    this.#names = new KnownCommands(node.commands);
  }

  configure(): void {
    const { values } = this.#node.config;
    this.clock.settle();
    this.clock.recordsLatency = values.latencyTracking;
    this.#checksMemory = values.maxmemory > 0;
    this.outOfMemory = false;
    // There are no replicas, so any number that is wanted is too many.
    this.lacksReplicas = values.minReplicasToWrite > 0 && values.minReplicasMaxLag > 0;
    this.#authRequired = values.requirepass !== "";
    const slowerThanUs = values.slowlogLogSlowerThan;
    this.#timesTogether =
      (slowerThanUs < 0 || slowerThanUs >= TIMED_TOGETHER_US_MIN) &&
      values.latencyMonitorThreshold === 0;
    this.#isGuarded = true;
  }

  /** Client input follows: what plain commands cannot change is looked at once for all of them. */
  look(): void {
    const { clients, tracking, propagation, scripting } = this.#node;
    this.#plainCommand = null;
    this.#isGuarded =
      scripting.isBusy ||
      this.#authRequired ||
      this.lacksReplicas ||
      clients.limitsMemory ||
      clients.paused ||
      clients.monitors.size > 0 ||
      tracking.clientCount > 0 ||
      propagation.active;
  }

  /** True when the client has logged in, or nobody has to. */
  trusts(client: Client): boolean {
    return client.authenticated || !this.#authRequired;
  }

  /**
   * Executes (or queues, or refuses) one command of a client. False when the client must wait first
   * (CLIENT PAUSE): then nothing happened.
   */
  execute(
    client: Client,
    args: Args,
    command: Command | null = this.#node.commands.resolve(args),
  ): boolean {
    if (
      command?.isQuick &&
      !this.#isGuarded &&
      (client.flags & ~USUAL_FLAGS) === 0 &&
      command.takes(args.count)
    ) {
      this.runPlain(client, command, args);
      return true;
    }
    const isDone = this.#execute(client, command, args);
    if (isDone && client.has(TRACKING_CACHING)) endCaching(client, command);
    this.look();
    return isDone;
  }

  /**
   * The short way for commands on data while nobody watches, limits or listens: `admit` and `#run`
   * without all that does not apply. Such a command calls no other and has no secrets, and no message is
   * for its client.
   */
  runPlain(client: Client, command: Command, args: Args): void {
    const node = this.#node;
    const { reply } = node;
    const { arena } = node.keyspace;
    if (command !== this.#plainCommand) this.#beginPlain(client, command);
    if (this.#checksMemory && !this.#makeMemory(client, command, command.flags)) return;
    const isTogether = this.#timesTogether && args.count <= QUICK_ARGS_MAX;
    if (!isTogether) this.clock.settle();
    const sizeBefore = reply.size;
    const usedBefore = arena.usedBytes;
    command.run!(this.#context!, args, reply);
    if (reply.errorCount > 0) {
      command.failedCalls++;
      node.statistics.noteErrors(reply);
    }
    if (
      isTogether &&
      reply.size - sizeBefore < QUICK_REPLY_BYTES_MAX &&
      Math.abs(arena.usedBytes - usedBefore) < QUICK_MEMORY_BYTES_MAX
    ) {
      this.clock.addQuick(client, command);
    } else {
      client.durationUs = this.clock.settleLong();
      node.statistics.commandMicroseconds += client.durationUs;
      this.account(client, command, args);
    }
    if (node.blocking.hasReadyKeys) {
      node.blocking.serveReadyKeys();
      this.#plainCommand = null;
    }
  }

  #beginPlain(client: Client, command: Command): void {
    this.#contextFor(client, command);
    this.#node.keyspace.noTouch = false;
    client.lastCommand = command;
    this.#plainCommand = command;
  }

  /** The context, for a command to begin with. */
  #contextFor(client: Client, command: Command): Context {
    const db = this.#node.databases[client.db];
    this.#context ??= new Context(this.#node, client, db, command);
    const context = this.#context;
    // Looking is cheaper than writing, which tells the garbage collector.
    if (context.client !== client) context.client = client;
    if (context.db !== db) context.db = db;
    if (context.command !== command) context.command = command;
    context.propagation = PROPAGATE_VERBATIM;
    context.redacted = null;
    return context;
  }

  #execute(client: Client, command: Command | null, args: Args): boolean {
    client.lastCommand = command;
    if (command === null) {
      this.#rejectUnknown(client, args);
      return true;
    }
    if (!command.takes(args.count)) {
      this.reject(client, command, wrongArity(command.fullName));
      return true;
    }
    if ((command.flags & PROTECTED) !== 0 && !this.#protectedAllowed(client, command)) return true;
    return this.admit(client, command, args);
  }

  /** As `execute` for a command that is known: one that has blocked its client comes here again. */
  admit(client: Client, command: Command, args: Args): boolean {
    const node = this.#node;
    const flags = this.#flagsOf(command, args);
    if (!client.authenticated && this.#authRequired && (flags & NO_AUTH) === 0) {
      this.reject(client, command, NO_AUTH_ERROR);
      return true;
    }
    if (client.has(MULTI) && (flags & NO_MULTI) !== 0) {
      this.reject(client, command, "ERR Command not allowed inside a transaction");
      return true;
    }
    if (node.clients.limitsMemory) {
      node.clients.evict();
      if (client.has(CLOSED)) return true;
    }
    if (this.#checksMemory && !this.#makeMemory(client, command, flags)) return true;
    if (node.tracking.clientCount > 0) node.tracking.limitKeys();
    if (this.lacksReplicas && this.#hasFlag(client, command, flags, WRITE)) {
      this.reject(client, command, TOO_FEW_REPLICAS);
      return true;
    }
    if (client.has(PUBSUB) && client.resp === 2 && !this.#names.allowedInPubSub(command)) {
      this.reject(
        client,
        command,
        `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      );
      return true;
    }
    if (node.scripting.isBusy && (flags & ALLOW_BUSY) === 0) {
      this.reject(client, command, node.scripting.busyError);
      return true;
    }
    if (client.has(MONITOR | REPLICA)) {
      if (this.#hasFlag(client, command, flags, READONLY | WRITE | MAY_REPLICATE)) {
        this.reject(client, command, "ERR Replica can't interact with the keyspace");
        return true;
      }
    } else if (node.clients.paused && this.#mustWait(client, command, flags)) {
      return false;
    }
    if (client.has(MULTI) && !this.#names.runsInsideMulti(command)) {
      this.#queue(client, command, flags, args);
      return true;
    }
    this.call(client, command, args, node.replyTo(client));
    node.releaseMessages(client);
    if (node.blocking.hasReadyKeys && !node.scripting.isBusy) node.blocking.serveReadyKeys();
    return true;
  }

  /** The command's flags; for one that runs a script, what the script has declared counts. */
  #flagsOf(command: Command, args: Args): number {
    const { flags } = command;
    if ((flags & NO_MANDATORY_KEYS) === 0) return flags;
    return this.#node.scripting.commandFlags(command, args);
  }

  /**
   * Runs a command that has passed all checks and accounts for it: statistics, slow log, MONITOR,
   * propagation. EXEC and scripts call it for the commands inside them.
   */
  call(client: Client, command: Command, args: Args, reply: Reply): void {
    if (this.depth === 0) {
      this.#outerReply = reply;
      this.executing = client;
      return this.#run(client, command, args, reply);
    }
    // The command that calls this one goes on with the same context.
    const context = this.#context!;
    const { client: outerClient, db, command: outerCommand, propagation, redacted } = context;
    this.#run(client, command, args, reply);
    context.client = outerClient;
    context.db = db;
    context.command = outerCommand;
    context.propagation = propagation;
    context.redacted = redacted;
  }

  #run(client: Client, command: Command, args: Args, reply: Reply): void {
    const node = this.#node;
    const { keyspace, propagation } = node;
    const context = this.#contextFor(client, command);
    const dirtyBefore = keyspace.dirty;
    const sizeBefore = reply.size;
    keyspace.noTouch = (client.flags & NO_TOUCH) !== 0;
    // A listener that comes or goes with this command hears nothing of it.
    const propagates = propagation.active;
    if (propagates) propagation.begin();
    const isEstimated = this.depth > 0 && this.#timesTogether && command.isEstimable;
    // Inside a pipeline a command starts when the one before it ended: one clock reading less.
    if (this.depth === 0) this.clock.settle();
    else if (!isEstimated) this.clock.read();
    const startUs = this.clock.us;
    this.depth++;
    command.run!(context, args, reply);
    this.depth--;
    const durationUs = isEstimated ? command.lastUs : this.clock.read() - startUs;
    client.durationUs += durationUs;
    command.lastUs = durationUs;
    if (propagates) {
      if (context.propagation === PROPAGATE_VERBATIM && keyspace.dirty > dirtyBefore) {
        if (command !== this.#names.exec) propagation.addArgs(context.db.index, args);
      }
      propagation.end();
    }
    if ((command.flags & READONLY) !== 0) this.#track(command, args);
    if (this.depth === 0) {
      this.executing = null;
      node.statistics.commandMicroseconds += durationUs;
    }
    if (reply.errorCount > 0) {
      command.failedCalls++;
      node.statistics.noteErrors(reply);
    }
    if (node.clients.monitors.size > 0 && (command.flags & (SKIP_MONITOR | ADMIN)) === 0) {
      // A blocked command that is run again was shown when it came.
      if (!node.blocking.isRerun) node.clients.feedMonitors(client, args, context.redacted);
    }
    if ((client.flags & BLOCKED) !== 0) return;
    this.account(client, command, args, context.redacted);
    if ((client.flags & (REPLY_OFF | REPLY_SKIP | REPLY_SKIP_NEXT)) !== 0) {
      this.#suppressCommand(client, command, reply, sizeBefore);
    }
  }

  // -- commands that go on in later events --------------------------------------------------------

  /**
   * Goes on with a command of `client` that could not be finished when it was called: until `leave`
   * the commands it calls are commands inside it.
   */
  enter(client: Client, reply: Reply): void {
    this.depth++;
    this.executing = client;
    this.#outerReply = reply;
    this.clock.read();
  }

  leave(): void {
    this.depth--;
    this.executing = null;
  }

  /** Such a command has ended; it took `client.durationUs`, and its reply began at `sizeBefore`. */
  conclude(client: Client, command: Command, args: Args, reply: Reply, sizeBefore: number): void {
    if (reply.errorCount > 0) {
      command.failedCalls++;
      this.#node.statistics.noteErrors(reply);
    }
    this.account(client, command, args);
    if ((client.flags & (REPLY_OFF | REPLY_SKIP | REPLY_SKIP_NEXT)) !== 0) {
      this.#suppressCommand(client, command, reply, sizeBefore);
    }
  }

  /** Client-side caching: the client now knows what the command has read. */
  #track(command: Command, args: Args): void {
    const client = this.executing!;
    if ((client.flags & (TRACKING | TRACKING_BCAST)) !== TRACKING) return;
    if (!this.#names.isReadingScript(command)) this.#node.tracking.remember(client, command, args);
  }

  /** Statistics of a command that is done; a blocking one is done when it was served. */
  account(
    client: Client,
    command: Command,
    args: Args,
    redacted: ReadonlySet<number> | null = null,
  ): void {
    const node = this.#node;
    const { durationUs } = client;
    client.durationUs = 0;
    command.calls++;
    command.microseconds += durationUs;
    client.commandsProcessed++;
    node.statistics.commandsProcessed++;
    if (this.clock.recordsLatency) recordLatency(command, durationUs);
    if (node.latency.thresholdMs > 0) {
      const event = (command.flags & FAST) !== 0 ? "fast-command" : "command";
      node.latency.addIfSlow(event, Math.floor(durationUs / 1000), node.wallMs);
    }
    if (durationUs >= node.slowlog.slowerThanUs && (command.flags & SKIP_SLOWLOG) === 0) {
      const { peer, name } = client;
      node.slowlog.add(args, redacted, durationUs, node.wallMs, peer.address, name);
    }
  }

  /** Refuses a command before it runs: EXEC then fails as a whole. */
  reject(client: Client, command: Command | null, error: string): void {
    const node = this.#node;
    const reply = node.replyTo(client);
    if (command !== null) command.rejectedCalls++;
    if (command !== null && command === this.#names.exec) {
      this.discard(client);
      const text = error.startsWith("ERR ") ? error.slice(4) : error;
      reply.error(`${EXEC_ABORT.slice(0, 31)} because of: ${text}`);
      // MONITOR has shown MULTI and shows no queued command: EXEC tells that it is over.
      if (node.clients.monitors.size > 0 && node.inputArgs !== null) {
        node.clients.feedMonitors(client, node.inputArgs, null);
      }
    } else {
      if (client.has(MULTI)) client.set(DIRTY_EXEC);
      const sizeBefore = reply.size;
      reply.error(error);
      if ((client.flags & (REPLY_OFF | REPLY_SKIP | REPLY_SKIP_NEXT)) !== 0) {
        this.#suppressReply(client, reply, sizeBefore);
      }
    }
    node.statistics.noteErrors(reply);
  }

  /** Ends the client's transaction without executing it. */
  discard(client: Client): void {
    client.queue = [];
    client.queueBytes = 0;
    client.unset(MULTI | DIRTY_EXEC | DIRTY_CAS);
    this.#node.watch.clear(client);
  }

  #queue(client: Client, command: Command, flags: number, args: Args): void {
    const node = this.#node;
    // When nothing will be executed, keeping the arguments would only cost memory.
    if ((client.flags & (DIRTY_EXEC | DIRTY_CAS)) === 0) {
      const copy = args.clone();
      client.queue.push({ command, flags, args: copy });
      client.queueBytes += copy.bytes.length + copy.count * QUEUED_ARGUMENT_BYTES;
    }
    node.reply.raw("+QUEUED\r\n");
    if ((client.flags & (REPLY_OFF | REPLY_SKIP | REPLY_SKIP_NEXT)) !== 0) {
      this.#suppressReply(client, node.reply, node.reply.size - 9);
    }
  }

  /**
   * CLIENT REPLY inside and outside of EXEC. The commands of a transaction are silenced one by one,
   * and EXEC has seen to its own part of the reply; a script's commands do not answer the client.
   * Messages are no replies: those of SUBSCRIBE are always sent.
   */
  #suppressCommand(client: Client, command: Command, reply: Reply, sizeBefore: number): void {
    const isSilent = command !== this.#names.exec && !this.#names.isSubscription(command);
    const size = isSilent ? sizeBefore : reply.size;
    if (this.depth === 0) {
      this.#suppressReply(client, reply, size);
    } else if (reply === this.#outerReply && client.has(REPLY_OFF | REPLY_SKIP)) {
      reply.size = size;
    }
  }

  /** CLIENT REPLY OFF and SKIP: what the command wrote is taken back. */
  #suppressReply(client: Client, reply: Reply, size: number): void {
    if (client.has(REPLY_OFF) || client.has(REPLY_SKIP)) reply.size = size;
    client.unset(REPLY_SKIP);
    if (client.has(REPLY_SKIP_NEXT)) {
      client.unset(REPLY_SKIP_NEXT);
      client.set(REPLY_SKIP);
    }
  }

  /** True when the command, or with EXEC any that is queued, has one of the wanted flags. */
  #hasFlag(client: Client, command: Command, flags: number, wanted: number): boolean {
    if ((flags & wanted) !== 0) return true;
    if (command !== this.#names.exec) return false;
    return client.queue.some((queued) => (queued.flags & wanted) !== 0);
  }

  #mustWait(client: Client, command: Command, flags: number): boolean {
    const { clients } = this.#node;
    if (!clients.pauseHolds(this.#hasFlag(client, command, flags, WRITE | MAY_REPLICATE))) {
      return false;
    }
    client.set(POSTPONED);
    clients.postponed.add(client);
    return true;
  }

  /** Evicts keys if memory is short. False after a refusal: there are none, and more is needed. */
  #makeMemory(client: Client, command: Command, flags: number): boolean {
    // A script that is half done keeps what it was told at its start, and all of its keys.
    if (this.#node.scripting.isBusy) return true;
    this.outOfMemory = this.#node.eviction.makeRoom() === EVICTION_FAILED;
    if (!this.outOfMemory) return true;
    if (!this.#hasFlag(client, command, flags, DENYOOM)) return true;
    this.reject(client, command, OUT_OF_MEMORY);
    return false;
  }

  #protectedAllowed(client: Client, command: Command): boolean {
    const { values } = this.#node.config;
    const debug = command.fullName === "debug";
    const mode = debug ? values.enableDebugCommand : values.enableModuleCommand;
    if (mode === "yes" || (mode === "local" && (client.peer.loopback || client.peer.unixSocket))) {
      return true;
    }
    const [name, option] = debug
      ? ["DEBUG", "enable-debug-command"]
      : ["MODULE", "enable-module-command"];
    this.reject(
      client,
      command,
      `ERR ${name} command not allowed. If the ${option} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`,
    );
    return false;
  }

  #rejectUnknown(client: Client, args: Args): void {
    const first = cString(args.latin1(0));
    const lower = first.toLowerCase();
    if (lower === "host:" || lower === "post") {
      this.#node.log(
        "warning",
        `Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Seedis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your instance. Connection from ${client.peer.address} aborted.`,
      );
      this.#node.clients.close(client, false);
      return;
    }
    const container = this.#node.commands.lookup(args.bytes, args.offset[0], args.length[0]);
    if (container !== null) {
      const sub = cString(args.latin1(1)).slice(0, 128);
      this.reject(client, null, `ERR unknown subcommand '${sub}'. Try ${upper(first)} HELP.`);
      return;
    }
    let shown = "";
    for (let i = 1; i < args.count && shown.length < UNKNOWN_ARGS_MAX; i++) {
      shown += `'${cString(args.latin1(i)).slice(0, UNKNOWN_ARGS_MAX - shown.length)}' `;
    }
    this.reject(
      client,
      null,
      `ERR unknown command '${first.slice(0, 128)}', with args beginning with: ${shown}`,
    );
  }
}

/** CLIENT CACHING holds for the next command that is no CLIENT, or for a transaction. */
function endCaching(client: Client, command: Command | null): void {
  if (client.has(MULTI | BLOCKED) || command?.container?.fullName === "client") return;
  client.unset(TRACKING_CACHING);
}

/** The commands that dispatch treats by name. */
class KnownCommands {
  readonly exec: Command | null;
  readonly #insideMulti: Set<Command>;
  readonly #subscriptions: Set<Command>;
  readonly #inPubSub: Set<Command>;
  readonly #readingScripts: Set<Command>;

  constructor(table: CommandTable) {
    const named = (names: string): Set<Command> =>
      new Set(names.split(" ").flatMap((name) => table.find(name) ?? []));
    this.exec = table.find("exec");
    this.#insideMulti = named("exec discard multi watch quit reset");
    this.#subscriptions = named(
      "subscribe ssubscribe unsubscribe sunsubscribe psubscribe punsubscribe",
    );
    this.#inPubSub = new Set([...this.#subscriptions, ...named("ping quit reset")]);
    this.#readingScripts = named("eval_ro evalsha_ro fcall_ro");
  }

  /** True for scripts that read: the commands that they call tell what. */
  isReadingScript(command: Command): boolean {
    return this.#readingScripts.has(command);
  }

  runsInsideMulti(command: Command): boolean {
    return this.#insideMulti.has(command);
  }

  /** True for SUBSCRIBE and the like, which answer with messages. */
  isSubscription(command: Command): boolean {
    return this.#subscriptions.has(command);
  }

  allowedInPubSub(command: Command): boolean {
    return this.#inPubSub.has(command);
  }
}

/** The text up to its first NUL, as C's %s prints it. */
function cString(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

function upper(text: string): string {
  return text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) & ~32));
}
