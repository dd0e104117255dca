// What the keyspace wants to know of lists: freeing, also in steps, sizes, digests, a description.
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { LAZY_FREE_EFFORT_MIN } from "../../keyspace/lazy-free.ts";
import { LIST, QUICKLIST } from "../../keyspace/types.ts";
import { NONE, type Ref } from "../../memory/arena.ts";
import type { Job } from "../../node/jobs.ts";
import { registerListRdb } from "./list-rdb.ts";
import type { Lists } from "./lists.ts";
import type { Quicklists } from "./quicklist.ts";

/** Nodes that one step of freeing a list takes. */
const FREE_STEP_NODES = 64;

export function registerLists(keyspace: Keyspace, lists: Lists): void {
  const { quicklists } = lists;
  keyspace.releasers[LIST] = (value, encoding) => lists.free(value, encoding);
  keyspace.lazyReleasers[LIST] = (value, encoding) => {
    const isLarge = encoding === QUICKLIST && quicklists.nodeCount(value) > LAZY_FREE_EFFORT_MIN;
    return isLarge ? new FreeListJob(quicklists, value) : null;
  };
  keyspace.copiers[LIST] = (value, encoding) => lists.copy(value, encoding);
  keyspace.sizers[LIST] = (value, encoding, samples) =>
    sizeOf(keyspace, lists, value, encoding, samples);
  keyspace.digesters[LIST] = (value, encoding, digest) => {
    lists.openValue(value, encoding);
    const cursor = lists.start(0, true);
    while (cursor.at >= 0) {
      lists.lookAtCursor();
      digest.mix(lists.bytes, lists.offset, lists.length);
      cursor.advance();
    }
  };
  keyspace.inspectors[LIST] = {
    describe: (value, encoding) => (encoding === QUICKLIST ? describe(quicklists, value) : ""),
  };
  registerListRdb(keyspace.rdbTypes, lists);
}

function sizeOf(
  keyspace: Keyspace,
  lists: Lists,
  value: Ref,
  encoding: number,
  samples: number,
): number {
  const { arena } = keyspace;
  const own = arena.blockBytes(value);
  if (encoding !== QUICKLIST) return own;
  const { quicklists } = lists;
  let seen = 0;
  let bytes = 0;
  for (let node = quicklists.head(value); node !== NONE && seen < samples; seen++) {
    bytes += arena.blockBytes(node);
    node = quicklists.nodes.next(node);
  }
  const directory = quicklists.directory(value);
  const extra = directory === NONE ? 0 : arena.blockBytes(directory);
  return own + extra + Math.round((bytes / seen) * quicklists.nodeCount(value));
}

/** As DEBUG OBJECT shows it. */
function describe(quicklists: Quicklists, list: Ref): string {
  const nodeCount = quicklists.nodeCount(list);
  let bytes = 0;
  for (let node = quicklists.head(list); node !== NONE; node = quicklists.nodes.next(node)) {
    bytes += quicklists.nodes.sizeOf(node);
  }
  const average = (quicklists.count(list) / nodeCount).toFixed(2);
  const compressed = quicklists.depth(list) > 0 ? 1 : 0;
  return ` ql_nodes:${nodeCount} ql_avg_node:${average} ql_listpack_max:${quicklists.fill(list)} ql_compressed:${compressed} ql_uncompressed_size:${bytes}`;
}

/** Frees a quicklist in steps. */
class FreeListJob implements Job {
  readonly #quicklists: Quicklists;
  readonly #list: Ref;
  #node: Ref;

  constructor(quicklists: Quicklists, list: Ref) {
    this.#quicklists = quicklists;
    this.#list = list;
    this.#node = quicklists.head(list);
  }

  step(): boolean {
    for (let i = 0; i < FREE_STEP_NODES && this.#node !== NONE; i++) {
      this.#node = this.#quicklists.freeNode(this.#node);
    }
    if (this.#node !== NONE) return true;
    this.#quicklists.freeShell(this.#list);
    return false;
  }
}
