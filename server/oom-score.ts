// Which process the kernel kills first when memory runs out: `oom-score-adj` and its values.
import { readFileSync, writeFileSync } from "node:fs";
import { thrownText } from "../net/strerror.ts";

const SCORE_FILE = "/proc/self/oom_score_adj";
const SCORE_MAX = 1000;

export interface OomScoreSettings {
  /** yes: relative to what the process had at first. */
  readonly oomScoreAdj: "no" | "yes" | "absolute";
  /** For a primary, a replica, a child. Nothing here has a child. */
  readonly oomScoreAdjValues: readonly number[];
  readonly replicaof: unknown;
}

export class OomScore {
  readonly #file: string;
  /** What the process had before the first adjustment; null while it still has it. */
  #original: number | null = null;

  constructor(file: string = SCORE_FILE) {
    this.#file = file;
  }

  /** Puts the settings into effect. Null, or why that cannot be done. */
  apply(settings: OomScoreSettings): string | null {
    const { oomScoreAdj, oomScoreAdjValues, replicaof } = settings;
    if (oomScoreAdj === "no") return this.#restore();
    if (this.#original === null) {
      try {
        this.#original = Number.parseInt(readFileSync(this.#file, "latin1"), 10);
      } catch (error) {
        return `Unable to read oom_score_adj: ${thrownText(error)}`;
      }
    }
    const value = oomScoreAdjValues[replicaof === null ? 0 : 1];
    const score = oomScoreAdj === "yes" ? value + this.#original : value;
    return this.#write(Math.min(Math.max(score, -SCORE_MAX), SCORE_MAX));
  }

  #restore(): string | null {
    if (this.#original === null) return null;
    const score = this.#original;
    this.#original = null;
    return this.#write(score);
  }

  #write(score: number): string | null {
    try {
      writeFileSync(this.#file, `${score}\n`);
      return null;
    } catch (error) {
      return `Unable to write oom_score_adj: ${thrownText(error)}`;
    }
  }
}
