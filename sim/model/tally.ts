// What a campaign has asked: replies by command, and how many of them were errors or nothing. A
// command that always fails is not tested, however often it is sent.

interface Count {
  replies: number;
  errors: number;
  empty: number;
}

const CONTAINERS: ReadonlySet<string> = new Set(
  "client config object pubsub xgroup xinfo".split(" "),
);

export class Tally {
  readonly #counts: Map<string, Count> = new Map();

  /** The reply to `words` begins at `at`. */
  add(words: readonly string[], output: string, at: number): void {
    let name = words[0].toLowerCase();
    if (CONTAINERS.has(name) && words.length > 1) name += `|${words[1].toLowerCase()}`;
    let count = this.#counts.get(name);
    if (count === undefined) {
      count = { replies: 0, errors: 0, empty: 0 };
      this.#counts.set(name, count);
    }
    count.replies++;
    if (output[at] === "-") count.errors++;
    else if (/^(\$-1|\*-1|_|[*%~:]0)\r/.test(output.slice(at, at + 4))) count.empty++;
  }

  names(): string[] {
    return [...this.#counts.keys()].sort();
  }

  lines(): string[] {
    return this.names().map((name) => {
      const { replies, errors, empty } = this.#counts.get(name)!;
      return `${name}: ${replies} replies, ${errors} errors, ${empty} empty`;
    });
  }
}
