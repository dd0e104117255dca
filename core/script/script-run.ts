// The script in work: who has called it, what it may do and what it has done. There is one at a time,
// so this is one object that is filled anew for each.
import type { Client } from "../node/client.ts";
import { TO_ALL } from "../node/propagation.ts";

export class ScriptRun {
  caller: Client | null = null;
  /** The digest of a script, the name of a function. */
  name = "";
  isEval = true;
  /** Commands that write are refused. */
  isReadOnly = false;
  /** Commands may need more memory although it is short. */
  allowsOom = false;
  /** A command that may write has been called: it cannot be killed any more. */
  hasWritten = false;
  isKilled = false;
  /** The protocol in which it gets replies: redis.setresp. */
  resp = 2;
  /** Who gets the effects of its commands: redis.set_repl. */
  targets: number = TO_ALL;
  /** Monotonic time of its start. */
  startUs = 0;
  /** Wall time at its start, which stands still for it. */
  startMs = 0;
  startWallUs = 0;

  begin(caller: Client, name: string, isEval: boolean): void {
    this.caller = caller;
    this.name = name;
    this.isEval = isEval;
    this.hasWritten = false;
    this.isKilled = false;
    this.rewind();
  }

  /** It runs again from its beginning; what it has done stays done. */
  rewind(): void {
    this.resp = 2;
    this.targets = TO_ALL;
  }
}
