// Memory: the same data loaded into both servers, growth of used and of resident memory.
import {
  type DataSet,
  hash,
  list,
  set,
  smallHashes,
  smallIntsets,
  smallSets,
  stream,
  stringKeys,
  zset,
} from "./data.ts";
import { load } from "./load.ts";
import { ask, info, type Server, startServer } from "./servers.ts";
import type { Row } from "./table.ts";

export const MEMORY_HEADER: Row = ["data", "used", "resident", "used bytes per item"];

function dataSets(count: number): DataSet[] {
  return [
    stringKeys(count),
    smallHashes(count),
    smallSets(count / 10),
    smallIntsets(count / 10),
    zset("zset", count),
    list("list", count),
    stream("stream", count, 16),
    stream("stream", count, 80),
    hash("hash", count),
    set("set", count),
  ];
}

interface Growth {
  readonly used: number;
  readonly resident: number;
}

/** A server that was used before has memory to reuse, so each data set gets a fresh one. */
async function growth(name: Server["name"], data: DataSet): Promise<Growth> {
  const server = await startServer(name);
  // What the first commands make a server allocate once is not the data's.
  await load(server.port, { ...data, count: 1000 });
  await ask(server.port, "FLUSHALL");
  const usedBefore = await info(server.port, "used_memory");
  const residentBefore = server.residentBytes();
  await load(server.port, data);
  const grown = {
    used: (await info(server.port, "used_memory")) - usedBefore,
    resident: server.residentBytes() - residentBefore,
  };
  await server.stop();
  return grown;
}

export async function compareMemory(quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const data of dataSets(quick ? 20_000 : 1_000_000)) {
    const theirs = await growth("redis", data);
    const ours = await growth("seedis", data);
    const perItem = ({ used }: Growth): string => (used / data.count).toFixed(1);
    rows.push([
      data.label,
      (ours.used / theirs.used).toFixed(3),
      (ours.resident / theirs.resident).toFixed(2),
      `${perItem(ours)} / ${perItem(theirs)}`,
    ]);
  }
  return rows;
}
