// What a client has set up with SCRIPT DEBUG: how its scripts are debugged, and what the debugger keeps
// from one script to the next (those of one transaction).
import { Breakpoints } from "./breakpoints.ts";

/** Longer values and replies are cut, unless the client wants more. */
const TEXT_LENGTH_MAX = 256;

export class DebugState {
  /** SYNC: on the data itself. Otherwise on a copy, which is dropped. */
  readonly isSync: boolean;
  /** It stops at the next line. */
  step = true;
  /** redis.breakpoint() was called: it stops at the next line. */
  breaksNext = false;
  readonly breakpoints: Breakpoints = new Breakpoints();
  /** Received text that is no whole request yet. */
  buffer = "";
  /** 0: nothing is cut. */
  textLengthMax: number = TEXT_LENGTH_MAX;
  /** The client knows how to have more shown. */
  isHinted = false;

  constructor(isSync: boolean) {
    this.isSync = isSync;
  }
}
