// Sending a data set, pipelined.
import net from "node:net";
import type { DataSet } from "./data.ts";

const BATCH_COMMANDS = 1000;
const LINE_FEED = 10;

/** Sends all commands of a data set and waits for the last reply. */
export async function load(port: number, data: DataSet): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  // Every command of a data set has a reply of as many lines: a bulk string has two.
  const linesPerReply = data.command(0)[0] === "XADD" ? 2 : 1;
  let lines = 0;
  let wake: (() => void) | null = null;
  socket.on("data", (chunk) => {
    for (let i = 0; i < chunk.length; i++) if (chunk[i] === LINE_FEED) lines++;
    wake?.();
  });
  const replies = async (count: number): Promise<void> => {
    while (lines < count * linesPerReply) await new Promise<void>((resolve) => (wake = resolve));
  };
  for (let i = 0; i < data.count; i += BATCH_COMMANDS) {
    const end = Math.min(data.count, i + BATCH_COMMANDS);
    let text = "";
    for (let j = i; j < end; j++) text += encode(data.command(j));
    socket.write(text, "latin1");
    await replies(end - 4 * BATCH_COMMANDS);
  }
  await replies(data.count);
  socket.destroy();
}

function encode(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}
