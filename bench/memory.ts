// Memory per key: the same data loaded into both servers, growth of used and of resident memory.
import net from "node:net";
import { ask, info, type Server } from "./servers.ts";
import type { Row } from "./table.ts";

/** A data set: commands made from a running number. */
export interface DataSet {
  readonly label: string;
  readonly count: number;
  command(index: number): readonly string[];
}

function pad(index: number, digits: number): string {
  return String(index).padStart(digits, "0");
}

/** 16-byte keys and values. */
export function stringKeys(count: number): DataSet {
  return {
    label: `${count} strings, 16-byte key and value`,
    count,
    command: (i) => ["SET", `key:${pad(i, 12)}`, `value:${pad(i, 10)}`],
  };
}

/** Sends all commands of a data set, pipelined, and waits for the last reply. */
export async function load(port: number, data: DataSet): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  let replies = 0;
  let wake: (() => void) | null = null;
  socket.on("data", (chunk) => {
    for (const byte of chunk) if (byte === 10) replies++;
    wake?.();
  });
  const batch = 1000;
  for (let i = 0; i < data.count; i += batch) {
    let text = "";
    const end = Math.min(data.count, i + batch);
    for (let j = i; j < end; j++) {
      const words = data.command(j);
      text += `*${words.length}\r\n`;
      for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
    }
    socket.write(text, "latin1");
    while (replies < end - 4 * batch) await new Promise<void>((resolve) => (wake = resolve));
  }
  while (replies < data.count) await new Promise<void>((resolve) => (wake = resolve));
  socket.destroy();
}

async function growth(server: Server, data: DataSet): Promise<{ used: number; resident: number }> {
  await ask(server.port, "FLUSHALL");
  const usedBefore = await info(server.port, "used_memory");
  const residentBefore = server.residentBytes();
  await load(server.port, data);
  return {
    used: (await info(server.port, "used_memory")) - usedBefore,
    resident: server.residentBytes() - residentBefore,
  };
}

/** Growth of both servers, which must be fresh: a server that was used before has memory to reuse. */
export async function compareMemory(redis: Server, seedis: Server, data: DataSet): Promise<Row> {
  const theirs = await growth(redis, data);
  const ours = await growth(seedis, data);
  return [
    data.label,
    (ours.used / theirs.used).toFixed(2),
    (ours.resident / theirs.resident).toFixed(2),
    `${(ours.used / data.count).toFixed(1)} / ${(theirs.used / data.count).toFixed(1)}`,
  ];
}
