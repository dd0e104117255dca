// INFO memory. The allocator of the fields is the arena (core/memory): "allocated" is what is in use
// in it, "active" and "resident" what it has taken from the system.
import { memoryOverhead } from "../node/memory-overhead.ts";
import type { Node } from "../node/node.ts";
import { type Field, humanBytes, hundredths } from "./fields.ts";

/** The name of the allocator, in INFO and in reports. */
export const ALLOCATOR_NAME = "seedis-arena";

export function memoryFields(node: Node): Field[] {
  const overhead = memoryOverhead(node);
  const { values } = node.config;
  const { lazyFree } = node.keyspace;
  const facts = node.host.processFacts();
  const usedBytes = overhead.totalBytes;
  return [
    ["used_memory", usedBytes],
    ["used_memory_human", humanBytes(usedBytes)],
    ["used_memory_rss", overhead.residentBytes],
    ["used_memory_rss_human", humanBytes(overhead.residentBytes)],
    ["used_memory_peak", overhead.peakBytes],
    ["used_memory_peak_human", humanBytes(overhead.peakBytes)],
    ["used_memory_peak_perc", `${hundredths(overhead.peakPercent)}%`],
    ["used_memory_overhead", overhead.overheadBytes],
    ["used_memory_startup", overhead.startupBytes],
    ["used_memory_dataset", overhead.datasetBytes],
    ["used_memory_dataset_perc", `${hundredths(overhead.datasetPercent)}%`],
    ["allocator_allocated", overhead.allocatedBytes],
    ["allocator_active", overhead.activeBytes],
    ["allocator_resident", overhead.activeBytes],
    ["allocator_muzzy", 0],
    ["total_system_memory", facts.systemMemoryBytes],
    ["total_system_memory_human", humanBytes(facts.systemMemoryBytes)],
    ...scriptFields(node),
    ["maxmemory", values.maxmemory],
    ["maxmemory_human", humanBytes(values.maxmemory)],
    ["maxmemory_policy", values.maxmemoryPolicy],
    ["allocator_frag_ratio", hundredths(overhead.fragmentationRatio)],
    ["allocator_frag_bytes", overhead.fragmentationBytes],
    ["allocator_rss_ratio", hundredths(1)],
    ["allocator_rss_bytes", 0],
    ["rss_overhead_ratio", hundredths(overhead.residentRatio)],
    ["rss_overhead_bytes", overhead.residentOverheadBytes],
    ["mem_fragmentation_ratio", hundredths(overhead.totalRatio)],
    ["mem_fragmentation_bytes", overhead.totalRatioBytes],
    ["mem_not_counted_for_evict", node.eviction.exemptBytes],
    ["mem_replication_backlog", 0],
    ["mem_total_replication_buffers", 0],
    ["mem_clients_slaves", 0],
    ["mem_clients_normal", overhead.clientBytes],
    ["mem_cluster_links", 0],
    ["mem_aof_buffer", 0],
    ["mem_allocator", ALLOCATOR_NAME],
    ["mem_overhead_db_hashtable_rehashing", 0],
    ["active_defrag_running", 0],
    ["lazyfree_pending_objects", lazyFree.pendingObjects],
    ["lazyfreed_objects", lazyFree.freedObjects],
  ];
}

function scriptFields({ scripting }: Node): Field[] {
  const { cache, libraries, evalEngineBytes, functionEngineBytes } = scripting;
  const engineBytes = evalEngineBytes + functionEngineBytes;
  const cachedBytes = cache.bytes + libraries.bytes;
  return [
    ["used_memory_lua", evalEngineBytes],
    ["used_memory_vm_eval", evalEngineBytes],
    ["used_memory_lua_human", humanBytes(evalEngineBytes)],
    ["used_memory_scripts_eval", cache.bytes],
    ["number_of_cached_scripts", cache.count],
    ["number_of_functions", libraries.functionCount],
    ["number_of_libraries", libraries.count],
    ["used_memory_vm_functions", functionEngineBytes],
    ["used_memory_vm_total", engineBytes],
    ["used_memory_vm_total_human", humanBytes(engineBytes)],
    ["used_memory_functions", libraries.bytes],
    ["used_memory_scripts", cachedBytes],
    ["used_memory_scripts_human", humanBytes(cachedBytes)],
  ];
}
