// The shadow stack: who is running and where. Compiled functions keep it at hardly any cost; error
// messages, `error` with a level, and getfenv read it.
//
// `frames[d]` is the function whose frame ends at depth d, null for a native that has called back
// into Lua; a frame takes as many places as its prototype's `weight`, 1 for natives. `sites[d]` is
// the place in its chunk where it stands, `tails[d]` how many frames it has replaced by tail calls.
// A native that only runs has no frame: it acts for the frame on top.
import { SITE_FOR, SITE_OPERATION, SITE_TAIL_CALL } from "./chunk.ts";
import type { LuaFunction } from "./function.ts";
import { describeName } from "./naming.ts";
import type { LuaThread } from "./thread.ts";

/** Room for Lua's 20,000 calls and for what coroutines add. */
export const CAPACITY: number = 1 << 17;
/** What a level can be besides a frame: one that a tail call has replaced, or none at all. */
export const LEVEL_TAIL = -1;
export const LEVEL_NONE = -2;

/** Lua's limit of calls that natives and metamethods nest. */
export const NATIVE_CALLS_MAX = 200;
/** How deep fast frames may nest: a place is at most 512 bytes of the JavaScript stack. */
export const FAST_DEPTH_MAX: number = 900;

export abstract class CallStack {
  depth = 0;
  /** The frames of the running coroutine lie above this depth. */
  base = 0;
  readonly frames: (LuaFunction | null)[] = [null];
  readonly sites: Int32Array = new Int32Array(CAPACITY);
  readonly tails: Int32Array = new Int32Array(CAPACITY);

  /** Puts a generator's frame on the stack; fast frames do it themselves. */
  pushFrame(f: LuaFunction, tails: number): void {
    this.depth += f.prototype!.weight;
    this.frames[this.depth] = f;
    this.tails[this.depth] = tails;
  }

  /** Puts the frame of a native that calls on the stack. */
  pushNative(): void {
    this.depth++;
    this.frames[this.depth] = null;
  }

  /** Takes frames off; fast frames never count replaced ones, so the places must be clean. */
  popTo(depth: number): void {
    this.tails.fill(0, depth + 1, this.depth + 1);
    this.depth = depth;
  }

  /** Keeps a coroutine's part of the stack. */
  saveStack(thread: LuaThread): void {
    const [from, to] = [thread.base + 1, this.depth + 1];
    thread.savedFrames = this.frames.slice(from, to);
    thread.savedSites = this.sites.slice(from, to);
    thread.savedTails = this.tails.slice(from, to);
  }

  /** Puts a coroutine's part on top of the stack. */
  restoreStack(thread: LuaThread): void {
    const { depth } = this;
    thread.base = depth;
    this.base = depth;
    const { savedFrames } = thread;
    for (let i = 0; i < savedFrames.length; i++) this.frames[depth + 1 + i] = savedFrames[i];
    this.sites.set(thread.savedSites, depth + 1);
    this.tails.set(thread.savedTails, depth + 1);
    this.depth = depth + savedFrames.length;
  }

  /** The frame on top if it is a Lua function's. */
  protected get top(): LuaFunction | null {
    return this.depth > this.base ? this.frames[this.depth] : null;
  }

  /** The depth of a level's frame; level 1 is the frame on top. */
  protected levelDepth(level: number): number {
    let left = level - 1;
    let d = this.depth;
    while (d > this.base) {
      if (left === 0) return d;
      const f = this.frames[d];
      const below = d - (f?.prototype?.weight ?? 1);
      left -= 1 + this.tails[d];
      if (left < 0) return LEVEL_TAIL;
      d = below;
      // A fast frame that was replaced is still there, but Lua only knows that it was.
      if (f !== null && d > this.base && this.isReplaced(d)) {
        if (left === 0) return LEVEL_TAIL;
        left--;
        while (this.isReplacedBelow(d)) {
          d -= this.frames[d]!.prototype!.weight;
          if (left === 0) return LEVEL_TAIL;
          left--;
        }
        d -= this.frames[d]!.prototype!.weight;
      }
    }
    return LEVEL_NONE;
  }

  private isReplaced(d: number): boolean {
    const f = this.frames[d];
    return f !== null && f.prototype!.chunk.kindOf(this.sites[d]) === SITE_TAIL_CALL;
  }

  private isReplacedBelow(d: number): boolean {
    const below = d - this.frames[d]!.prototype!.weight;
    return below > this.base && this.isReplaced(below);
  }

  /** "chunk:line: " for the function at a level, "" when it has no line. */
  where(level: number): string {
    const d = this.levelDepth(level);
    if (d < 0) return "";
    const f = this.frames[d];
    if (f === null) return "";
    const { chunk } = f.prototype!;
    return `${chunk.id}:${chunk.lineOf(this.sites[d])}: `;
  }

  /** What the running native is called where it was called: "gname", "mname", …; see naming.ts. */
  protected calledName(): string | undefined {
    const f = this.top;
    if (f === null) return undefined;
    const { chunk } = f.prototype!;
    const site = this.sites[this.depth];
    return chunk.kindOf(site) === SITE_OPERATION ? undefined : chunk.nameOf(site, 1);
  }

  /** " global 'x'" for an operand of the running operation or call, "" when it has no name. */
  protected operandName(which: number): string {
    const f = this.top;
    if (f === null || which === 0) return "";
    const { chunk } = f.prototype!;
    const site = this.sites[this.depth];
    if (chunk.kindOf(site) === SITE_FOR) return "";
    const name = chunk.nameOf(site, which);
    return name === undefined ? "" : ` ${describeName(name)}`;
  }

  /** The chunk name and line of the frame on top. */
  position(): { source: string; line: number } {
    const f = this.top;
    if (f === null) return { source: "=[C]", line: -1 };
    const { chunk } = f.prototype!;
    return { source: chunk.name, line: chunk.lineOf(this.sites[this.depth]) };
  }
}
