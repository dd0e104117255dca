// Lists in RDB files and DUMP payloads: node by node, each a listpack or one large element as it is.
// Older kinds of values, of single elements or of ziplists, are read.
import { LIST, QUICKLIST } from "../../keyspace/types.ts";
import { NONE, type Ref } from "../../memory/arena.ts";
import { lpBytes, lpFirst, lpLength, lpNext, lpValidate } from "../../memory/listpack.ts";
import {
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
} from "../../persistence/rdb-format.ts";
import type { RdbReader } from "../../persistence/rdb-reader.ts";
import type { LoadedValue, RdbTypes } from "../../persistence/rdb-types.ts";
import type { RdbWriter } from "../../persistence/rdb-writer.ts";
import { listpackOfZiplist } from "../../persistence/ziplist.ts";
import type { Lists } from "./lists.ts";

const CONTAINER_PLAIN = 1;
const CONTAINER_PACKED = 2;
/** A node's listpack counts its entries in 16 bits; Redis never makes one of this many. */
const NODE_ENTRIES_MAX = 60000;

export function registerListRdb(rdbTypes: RdbTypes, lists: Lists): void {
  const rdb = new ListRdb(lists);
  rdbTypes.savers[LIST] = rdb;
  rdbTypes.loaders[RDB_LIST] = (reader, _kind, loaded) => rdb.loadElements(reader, loaded);
  rdbTypes.loaders[RDB_LIST_ZIPLIST] = (reader, _kind, loaded) => rdb.loadZiplist(reader, loaded);
  rdbTypes.loaders[RDB_LIST_QUICKLIST] = (reader, kind, loaded) =>
    rdb.loadNodes(reader, kind, loaded);
  rdbTypes.loaders[RDB_LIST_QUICKLIST_2] = (reader, kind, loaded) =>
    rdb.loadNodes(reader, kind, loaded);
}

class ListRdb {
  readonly #lists: Lists;

  constructor(lists: Lists) {
    this.#lists = lists;
  }

  rdbType(): number {
    return RDB_LIST_QUICKLIST_2;
  }

  save(writer: RdbWriter, value: Ref, encoding: number): void {
    const { quicklists } = this.#lists;
    const { nodes } = quicklists;
    if (encoding !== QUICKLIST) {
      const { packed } = nodes;
      packed.open(value);
      writer.length(1);
      writer.length(CONTAINER_PACKED);
      writer.string(packed.bytes, packed.base, lpBytes(packed.bytes, packed.base));
      return;
    }
    writer.length(quicklists.nodeCount(value));
    for (let node = quicklists.head(value); node !== NONE; node = nodes.next(node)) {
      nodes.open(node);
      const { bytes, base, isPlain } = nodes;
      writer.length(isPlain ? CONTAINER_PLAIN : CONTAINER_PACKED);
      writer.string(bytes, base, nodes.sizeOf(node));
    }
  }

  /** Its length, then each element as a string. */
  loadElements(reader: RdbReader, loaded: LoadedValue): boolean {
    const count = reader.length();
    if (reader.failed) return false;
    if (count === 0) return reader.failEmpty();
    const lists = this.#lists;
    lists.createQuicklist();
    for (let i = 0; i < count; i++) {
      if (!reader.string()) return this.#drop();
      lists.push(false, reader.bytes, reader.offset, reader.size);
    }
    lists.normalize();
    loaded.set(LIST, lists.encoding, lists.value);
    return true;
  }

  /** A ziplist; Redis leaves the list a quicklist whatever its size. */
  loadZiplist(reader: RdbReader, loaded: LoadedValue): boolean {
    if (!reader.string()) return false;
    const listpack = listpackOfZiplist(reader.bytes, reader.offset, reader.size);
    if (listpack === null) return reader.fail("list ziplist integrity check failed");
    if (lpLength(listpack, 0) === 0) return reader.failEmpty();
    const lists = this.#lists;
    lists.createQuicklist();
    this.#pushAll(listpack, 0);
    loaded.set(LIST, lists.encoding, lists.value);
    return true;
  }

  /** The number of nodes, then each with (kind of value 18) or without (14) its container. */
  loadNodes(reader: RdbReader, kind: number, loaded: LoadedValue): boolean {
    const count = reader.length();
    if (reader.failed) return false;
    if (count === 0) return reader.failEmpty();
    const lists = this.#lists;
    lists.createQuicklist();
    for (let i = 0; i < count; i++) {
      const container = kind === RDB_LIST_QUICKLIST ? CONTAINER_PACKED : reader.length();
      if (reader.failed) return this.#drop();
      const isLoaded =
        container === CONTAINER_PLAIN
          ? this.#loadPlain(reader)
          : container === CONTAINER_PACKED
            ? this.#loadPacked(reader, kind)
            : reader.fail("quicklist integrity check failed");
      if (!isLoaded) return this.#drop();
    }
    if (lists.count === 0) {
      this.#drop();
      return reader.failEmpty();
    }
    lists.normalize();
    loaded.set(LIST, lists.encoding, lists.value);
    return true;
  }

  #loadPlain(reader: RdbReader): boolean {
    if (!reader.string()) return false;
    if (reader.size === 0) return reader.fail("quicklist integrity check failed");
    const { quicklists, value } = this.#lists;
    const node = quicklists.nodes.makePlain(reader.bytes, reader.offset, reader.size);
    quicklists.appendNode(value, node);
    return true;
  }

  #loadPacked(reader: RdbReader, kind: number): boolean {
    if (!reader.string()) return false;
    if (kind === RDB_LIST_QUICKLIST) {
      const listpack = listpackOfZiplist(reader.bytes, reader.offset, reader.size);
      if (listpack === null) return reader.fail("ziplist integrity check failed");
      this.#addListpack(listpack, 0);
      return true;
    }
    if (reader.deep) reader.sanitizations++;
    // Always entry by entry: everything else relies on that.
    if (!lpValidate(reader.bytes, reader.offset, reader.size, true)) {
      return reader.fail("listpack integrity check failed");
    }
    this.#addListpack(reader.bytes, reader.offset);
    return true;
  }

  /** Adds a node with a copy of the listpack at bytes[base], unless it is empty. */
  #addListpack(bytes: Uint8Array, base: number): void {
    const entries = lpLength(bytes, base);
    if (entries === 0) return;
    if (entries > NODE_ENTRIES_MAX) return this.#pushAll(bytes, base);
    const { quicklists, value } = this.#lists;
    quicklists.appendNode(value, quicklists.nodes.copyPacked(bytes, base));
  }

  /** Adds the entries of a listpack one by one. */
  #pushAll(bytes: Uint8Array, base: number): void {
    const lists = this.#lists;
    for (let at = lpFirst(bytes, base); at >= 0; at = lpNext(bytes, at)) {
      lists.lookAtEntry(bytes, at);
      lists.push(false, lists.bytes, lists.offset, lists.length);
    }
  }

  #drop(): false {
    this.#lists.free(this.#lists.value, this.#lists.encoding);
    return false;
  }
}
