// What a primary tells its replicas and its append-only file: the effects of commands. Everything
// that one execution (a command, a transaction, a script, an expiry step) changed leaves as one
// unit: a single command, or several between MULTI and EXEC.
import type { Args } from "../resp/args.ts";

/** Who is told of a command: scripts may leave out either. */
export const TO_AOF = 1;
export const TO_REPLICAS = 2;
export const TO_ALL: number = TO_AOF | TO_REPLICAS;

export interface PropagatedCommand {
  readonly db: number;
  /** TO_AOF, TO_REPLICAS or both. */
  readonly targets: number;
  /** The command's words, one character per byte. */
  readonly words: readonly string[];
}

/** Gets the units; set while somebody (replicas, the append-only file, a test) listens. */
export type PropagationListener = (unit: readonly PropagatedCommand[]) => void;

export class Propagation {
  listener: PropagationListener | null = null;
  /** Whom the commands in work are for: TO_ALL unless a script wants it otherwise. */
  targets: number = TO_ALL;
  #unit: PropagatedCommand[] = [];
  #depth = 0;

  get active(): boolean {
    return this.listener !== null;
  }

  add(db: number, words: readonly string[], targets: number = this.targets): void {
    if (targets === 0) return;
    this.#unit.push({ db, targets, words });
    if (this.#depth === 0) this.#flush();
  }

  addArgs(db: number, args: Args): void {
    if (this.targets === 0) return;
    const words: string[] = [];
    for (let i = 0; i < args.count; i++) words.push(args.latin1(i));
    this.add(db, words);
  }

  /** Opens a unit; units nest, the outermost counts. */
  begin(): void {
    this.#depth++;
  }

  end(): void {
    this.#depth--;
    if (this.#depth === 0) this.#flush();
  }

  /**
   * What the unit holds so far does not belong together: outside of a transaction it leaves as
   * single commands (keys that SCAN finds expired).
   */
  separate(): void {
    if (this.#depth !== 1) return;
    const unit = this.#unit;
    this.#unit = [];
    for (const command of unit) this.listener?.([command]);
  }

  #flush(): void {
    if (this.#unit.length === 0) return;
    const unit = this.#unit;
    this.#unit = [];
    this.listener?.(unit);
  }
}
