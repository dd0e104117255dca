// One accepted socket: what goes out of it, and how bytes come in.
//
// Reading. All sockets read into one buffer that the server owns, so a read allocates nothing and
// its bytes are still in the processor's cache when the commands in them run. `onread` is the public
// option for that, but only of `new net.Socket`: a listening server offers no way to pass it. So the
// socket that the server made gives its handle to a second one made with `onread`. Measured with
// redis-benchmark on two cores, Node 20, 22 and 24, against plain 'data' events: 8 % less processor
// time per command, alone as well as pipelined by 16, and nothing left for the garbage collector.
// Taking the raw handle's callbacks over was faster still and rejected: nothing of it is public.
//
// How much of the buffer a connection may fill at once depends on what it sends. A large value wants
// all of it (a command that arrives whole is executed in place); of a long pipeline, that would be
// milliseconds of commands during which nobody else is served, and tens of milliseconds while V8 has
// not compiled yet what they run through, or has just found out that it must do so again. So each
// begins small and grows while its full reads are cheap. And since Node reads on at once, up to 32
// times, after a full read, a connection that has had its share of time rests until the next turn.
//
// Writing. What the node sends is copied, because the node reuses its buffer. It goes into a buffer for all
// connections (turn-buffer.ts), and mostly the kernel takes it from there. What does not fit, or comes when
// others have sent something in between, goes into chunks, together with what is there already, so that it
// stays one write. Chunks stay referenced until the kernel has taken them. They come from a pool, last in
// first out, so usually the same warm few are used. So does the rest that the kernel did not take at once.
//
// The first attempt goes to the descriptor itself, with `fs.writeSync`: the kernel takes nearly every
// reply at once, and then none of the stream's machinery for what may have to wait (a request object,
// two callbacks, a tick) is needed. What the kernel does not take, and every error, goes to the
// socket, which knows how to wait and how to end.
import { writeSync } from "node:fs";
import net from "node:net";
import { copyBytes } from "../core/util/copy.ts";
import { WIDE_ZERO } from "../core/util/wide.ts";
import type { TurnBuffer } from "./turn-buffer.ts";

/** Size of a pooled chunk. What does not fit gets a chunk of its own, made to measure. */
const CHUNK_BYTES = 32 * 1024;
/** Chunks kept for the next turn, one for each of as many busy connections; 4 MiB altogether. */
const POOL_CHUNK_COUNT_MAX = 128;
/** One connection writes this much in a turn, so that a huge reply holds nobody up. */
const TURN_WRITE_BYTES_MAX = 256 * 1024;

/** Free chunks, shared by all connections of a server. */
export class ChunkPool {
  // Not empty, so that V8 knows from the start what is in it.
  readonly #free: Buffer[] = [Buffer.allocUnsafeSlow(CHUNK_BYTES)];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  give(chunk: Buffer): void {
    if (chunk.length === CHUNK_BYTES && this.#free.length < POOL_CHUNK_COUNT_MAX) {
      this.#free.push(chunk);
    }
  }
}

/** A read is at least as large as this, and at most 32 times that. */
const READ_BYTES_MIN = 4 * 1024;
const READ_LEVEL_MAX = 5;
/** A full read that took less time than this may be followed by one twice as large. */
const CHEAP_READ_US = 100;
/** One that took longer than this is followed by one half as large, */
const DEAR_READ_US = 400;
/** and one that took as long as this by a small one. */
const EXCESSIVE_READ_US = 1600;

/** The buffer that all sockets of a server read into. */
export class ReadBuffer {
  readonly bytes: Uint8Array = new Uint8Array(READ_BYTES_MIN << READ_LEVEL_MAX);
  /** Its beginnings: the first 4 KiB, 8 KiB and so on, up to all of it. */
  readonly views: readonly Uint8Array[];

  constructor() {
    this.views = Array.from({ length: READ_LEVEL_MAX + 1 }, (_, level) =>
      this.bytes.subarray(0, READ_BYTES_MIN << level),
    );
  }
}

/** What a connection reports. It knows nothing of the node. */
export interface ConnectionListener {
  /** `count` bytes are in the shared buffer. False stops reading until the socket is resumed. */
  onRead(connection: Connection, count: number): boolean;
  /** The peer will not send any more. */
  onPeerEnded(connection: Connection): void;
  /** The socket is gone, for whatever reason. */
  onSocketClosed(connection: Connection): void;
  /** After waiting for the peer, the kernel has taken everything it was given. */
  onWritable(connection: Connection): void;
}

/** What the connections of a server have in common. */
export interface Shared {
  readonly listener: ConnectionListener;
  readonly pool: ChunkPool;
  readonly turnBuffer: TurnBuffer;
  readonly readBuffer: ReadBuffer;
}

export class Connection {
  /** Number by which the node knows it. */
  readonly id: number;
  readonly socket: net.Socket;
  /** The socket's file descriptor, -1 where there is none. */
  readonly #descriptor: number;
  readonly #shared: Shared;
  readonly #afterWrite = (error?: Error | null): void => this.#onWriteDone(error);
  /** In the turn's buffer, in front of all the rest: [#turnStart, #turnEnd). */
  #turnStart = 0;
  #turnEnd = 0;
  /** Being filled: `#size` bytes so far. Null when all that was sent is further down. */
  #chunk: Buffer | null = null;
  #size = 0;
  /** Full chunks that come before `#chunk`. */
  readonly #queue: Buffer[] = [];
  /** Being written: [#outAt, #outEnd) are still to do. */
  #out: Buffer | null = null;
  #outAt = 0;
  #outEnd = 0;
  /** Bytes that the socket has and the kernel has not. Until they are gone nothing more is written. */
  #stuckBytes = 0;
  /** Bytes the kernel has taken since `takeWritten`. */
  #writtenBytes = 0;
  /** Bytes sent that the kernel has not taken. */
  waitingBytes = 0;
  /** The node has forgotten this connection; it hears no more of it. */
  forgotten = false;
  /** The node has asked for a pause in reading. */
  paused = false;
  /** How much of the buffer the next read may fill: index in `ReadBuffer.views`. */
  #readLevel = 0;
  /** Time the node has spent on full reads of this connection since it last rested. */
  busyUs: number = WIDE_ZERO;
  /** Has used up its share of this turn. */
  resting = false;
  /** What it has read and the node has not received. */
  lateBytes: Uint8Array | null = null;
  /** Is in the server's list of connections to flush. */
  dirty = false;

  /**
   * A connection over the accepted socket. With a descriptor given, what is sent goes there, and `accepted`
   * is no more than a stand-in.
   */
  constructor(id: number, accepted: net.Socket, shared: Shared, descriptor?: number) {
    const { listener } = shared;
    this.id = id;
    this.#shared = shared;
    this.socket = readInto(
      accepted,
      () => shared.readBuffer.views[this.#readLevel],
      (count) => listener.onRead(this, count),
    );
    this.#descriptor = descriptor ?? descriptorOf(this.socket);
    this.socket.on("end", () => listener.onPeerEnded(this));
    // 'close' follows and says all the node has to know: the reason makes no difference to it.
    this.socket.on("error", ignore);
    this.socket.on("close", () => listener.onSocketClosed(this));
  }

  /** The next read brings this many bytes at most. */
  get readBytesMax(): number {
    return READ_BYTES_MIN << this.#readLevel;
  }

  /** Whether a read of `count` bytes was as large as it could be. */
  isFullRead(count: number): boolean {
    return count === this.readBytesMax;
  }

  /** Notes how long the node took for a full read, and how much the next one may bring. */
  noteFullRead(durationUs: number): void {
    this.busyUs += durationUs;
    if (durationUs < CHEAP_READ_US) {
      if (this.#readLevel < READ_LEVEL_MAX) this.#readLevel++;
    } else if (durationUs > EXCESSIVE_READ_US) {
      this.#readLevel = 0;
    } else if (durationUs > DEAR_READ_US && this.#readLevel > 0) {
      this.#readLevel--;
    }
  }

  /** The next `flush` can do something. */
  get writable(): boolean {
    return this.waitingBytes > 0 && this.#stuckBytes === 0 && !this.socket.destroyed;
  }

  /** Takes a copy of bytes[start, end) to send. Throws a RangeError when there is no memory for it. */
  append(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#appendToTurn(bytes, start, end)) {
      this.#leaveTurn();
      this.#appendToChunks(bytes, start, end);
    }
    this.waitingBytes += end - start;
  }

  /** Adds to the turn's buffer if that keeps together what waits, and if there is room. */
  #appendToTurn(bytes: Uint8Array, start: number, end: number): boolean {
    const { turnBuffer } = this.#shared;
    const { size } = turnBuffer;
    if (!turnBuffer.hasRoomFor(end - start)) return false;
    if (this.waitingBytes === 0) this.#turnStart = size;
    else if (this.#turnEnd !== size || this.#turnStart === this.#turnEnd) return false;
    turnBuffer.add(bytes, start, end);
    this.#turnEnd = turnBuffer.size;
    return true;
  }

  /** What is in the turn's buffer moves to a chunk: it will be one write with what follows. */
  #leaveTurn(): void {
    const start = this.#turnStart;
    const end = this.#turnEnd;
    this.#turnStart = 0;
    this.#turnEnd = 0;
    if (start < end) this.#appendToChunks(this.#shared.turnBuffer.bytes, start, end);
  }

  #appendToChunks(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#chunk === null || this.#size === this.#chunk.length) this.#addChunk(end - at);
      const chunk = this.#chunk!;
      const size = this.#size;
      const count = Math.min(end - at, chunk.length - size);
      copyBytes(chunk, size, bytes, at, count);
      this.#size = size + count;
      at += count;
    }
  }

  #addChunk(count: number): void {
    if (this.#chunk !== null) this.#queue.push(this.#chunk);
    const { pool } = this.#shared;
    this.#chunk = count <= CHUNK_BYTES ? pool.take() : Buffer.allocUnsafeSlow(count);
    this.#size = 0;
  }

  /** Hands over to the kernel what it takes, up to a turn's share. */
  flush(): void {
    if (this.#turnEnd > this.#turnStart) this.#flushTurn();
    let shareBytes = TURN_WRITE_BYTES_MAX;
    while (shareBytes > 0 && this.writable) shareBytes -= this.#write(shareBytes);
  }

  /** Writes what is in the turn's buffer; what is left of that becomes a chunk, the first one. */
  #flushTurn(): void {
    const { bytes } = this.#shared.turnBuffer;
    const start = this.#turnStart;
    const end = this.#turnEnd;
    this.#turnStart = 0;
    this.#turnEnd = 0;
    if (this.socket.destroyed) return;
    const taken = this.forgotten ? 0 : writeAtOnce(this.#descriptor, bytes, start, end - start);
    this.#writtenBytes += taken;
    this.waitingBytes -= taken;
    if (start + taken === end) return;
    // Nothing else is being written: that would have been sent before this.
    const rest = Buffer.from(bytes.subarray(start + taken, end));
    this.#out = rest;
    this.#outEnd = rest.length;
    this.#writeLater(rest, 0, rest.length);
  }

  /** Gives one piece of at most `countMax` bytes to the socket and answers with its length. */
  #write(countMax: number): number {
    if (this.#out === null) this.#startChunk();
    const out = this.#out!;
    const start = this.#outAt;
    const end = Math.min(this.#outEnd, start + countMax);
    const taken = this.forgotten ? 0 : writeAtOnce(this.#descriptor, out, start, end - start);
    this.#outAt = start + taken;
    if (taken > 0) this.#account(taken);
    if (start + taken < end) this.#writeLater(out, start + taken, end);
    return end - start;
  }

  /** Leaves out[start, end) to the socket. */
  #writeLater(out: Buffer, start: number, end: number): void {
    this.#outAt = end;
    this.socket.write(out.subarray(start, end), this.#afterWrite);
    // The socket tries the kernel before `write` returns; nothing is left when it took all.
    if (this.socket.writableLength === 0) this.#account(end - start);
    else this.#stuckBytes = end - start;
  }

  #startChunk(): void {
    const full = this.#queue.shift();
    this.#out = full ?? this.#chunk;
    this.#outAt = 0;
    this.#outEnd = full === undefined ? this.#size : full.length;
    if (full === undefined) this.#chunk = null;
  }

  /** `count` bytes that were with the socket are with the kernel now. */
  #account(count: number): void {
    this.#writtenBytes += count;
    this.waitingBytes -= count;
    if (this.#outAt < this.#outEnd) return;
    this.#shared.pool.give(this.#out!);
    this.#out = null;
  }

  /** Called some time after every write, also after those that were done at once. */
  #onWriteDone(error?: Error | null): void {
    if (error || this.#stuckBytes === 0 || this.socket.writableLength > 0) return;
    const count = this.#stuckBytes;
    this.#stuckBytes = 0;
    this.#account(count);
    this.#shared.listener.onWritable(this);
  }

  /** How many bytes the kernel has taken since the last call. */
  takeWritten(): number {
    const count = this.#writtenBytes;
    this.#writtenBytes = 0;
    return count;
  }
}

function ignore(): void {}

function descriptorOf(socket: net.Socket): number {
  const { _handle: handle } = socket as unknown as { _handle: { fd?: number } | null };
  return handle?.fd ?? -1;
}

/** Writes what the kernel takes now and answers with how much that is; never throws. */
function writeAtOnce(descriptor: number, bytes: Buffer, offset: number, count: number): number {
  if (descriptor < 0) return 0;
  try {
    return writeSync(descriptor, bytes, offset, count);
  } catch {
    // The peer is slow (EAGAIN) or gone: the socket finds out which.
    return 0;
  }
}

/**
 * A socket on the same handle as `accepted` (made by a server with `pauseOnConnect`) that calls
 * `onRead` after reading `count` bytes into what `buffer` gave. `accepted` is of no use afterwards.
 */
function readInto(
  accepted: net.Socket,
  buffer: () => Uint8Array,
  onRead: (count: number) => boolean,
): net.Socket {
  const donor = accepted as unknown as { _handle: unknown };
  const options = {
    handle: donor._handle,
    allowHalfOpen: true,
    onread: { buffer, callback: onRead },
    // What the socket sets these to in its copy. Adding them there takes V8 6 us, each time anew.
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  };
  donor._handle = null;
  accepted.destroy();
  return new net.Socket(options);
}
