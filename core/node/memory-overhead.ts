// What the memory of a node is used for, as INFO memory, MEMORY STATS and MEMORY DOCTOR report it.
import type { Node } from "./node.ts";

/** An entry's head, which Redis counts as overhead too: its meta and value words and key length. */
const ENTRY_HEAD_BYTES = 12;

export interface DatabaseOverhead {
  readonly index: number;
  /** The index of all keys, and the heads of their entries. */
  readonly mainBytes: number;
  /** The index of the keys with a time to live. */
  readonly expiresBytes: number;
}

export interface MemoryOverhead {
  /** Everything that is counted: INFO's used_memory. */
  readonly totalBytes: number;
  readonly peakBytes: number;
  readonly startupBytes: number;
  readonly clientBytes: number;
  /** Texts of cached scripts and of libraries. */
  readonly scriptBytes: number;
  readonly functionBytes: number;
  /** Those that have keys, or had. */
  readonly databases: readonly DatabaseOverhead[];
  /** Directories and pages of all databases' dicts. */
  readonly indexBytes: number;
  readonly keyCount: number;
  /** What is not user data. */
  readonly overheadBytes: number;
  readonly datasetBytes: number;
  readonly bytesPerKey: number;
  readonly datasetPercent: number;
  readonly peakPercent: number;
  /** In use in the arena, and what the arena holds for it. */
  readonly allocatedBytes: number;
  readonly activeBytes: number;
  readonly fragmentationRatio: number;
  readonly fragmentationBytes: number;
  /** Of the whole process, and how that compares to what the arena holds and to what is used. */
  readonly residentBytes: number;
  readonly residentRatio: number;
  readonly residentOverheadBytes: number;
  readonly totalRatio: number;
  readonly totalRatioBytes: number;
}

export function memoryOverhead(node: Node): MemoryOverhead {
  const { keyspace, statistics, startupBytes } = node;
  const { arena, dicts } = keyspace;
  const totalBytes = node.usedMemory();
  statistics.peakMemoryBytes = Math.max(statistics.peakMemoryBytes, totalBytes);
  const clientBytes = node.clients.memoryBytes;
  const databases: DatabaseOverhead[] = [];
  let indexBytes = 0;
  let keyCount = 0;
  let databaseBytes = 0;
  for (const db of node.databases) {
    if (!db.hasTable) continue;
    const [main, expires] = [dicts.indexBytes(db.dict), dicts.indexBytes(db.expires)];
    const mainBytes = main + db.size * ENTRY_HEAD_BYTES;
    databases.push({ index: db.index, mainBytes, expiresBytes: expires });
    indexBytes += main + expires;
    keyCount += db.size;
    databaseBytes += mainBytes + expires;
  }
  const scriptBytes = node.scripting.cache.bytes;
  const functionBytes = node.scripting.libraries.bytes;
  const overheadBytes = Math.min(
    startupBytes + clientBytes + scriptBytes + functionBytes + databaseBytes,
    totalBytes,
  );
  const datasetBytes = totalBytes - overheadBytes;
  const { residentBytes } = node.host.processFacts();
  const { usedBytes: allocatedBytes, segmentBytes: activeBytes } = arena;
  return {
    totalBytes,
    peakBytes: statistics.peakMemoryBytes,
    startupBytes,
    clientBytes,
    scriptBytes,
    functionBytes,
    databases,
    indexBytes,
    keyCount,
    overheadBytes,
    datasetBytes,
    bytesPerKey: keyCount === 0 ? 0 : Math.floor(datasetBytes / keyCount),
    datasetPercent: (datasetBytes * 100) / Math.max(1, totalBytes - startupBytes),
    peakPercent: (totalBytes * 100) / statistics.peakMemoryBytes,
    allocatedBytes,
    activeBytes,
    fragmentationRatio: activeBytes / allocatedBytes,
    fragmentationBytes: activeBytes - allocatedBytes,
    residentBytes,
    residentRatio: residentBytes / activeBytes,
    residentOverheadBytes: residentBytes - activeBytes,
    totalRatio: residentBytes / totalBytes,
    totalRatioBytes: residentBytes - totalBytes,
  };
}
