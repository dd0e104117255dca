// How many clients the limit of open files allows. Node has already raised the limit as far as it
// may when this runs, so all that is left is to make do with it.
import { readFileSync } from "node:fs";

/** Files that are not connections: listening sockets, logs, data files. As in Redis. */
const RESERVED_FILE_COUNT = 32;

/** The limit of this process, or Infinity where it cannot be found out. */
export function openFilesLimit(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
    return soft === undefined || soft === "unlimited" ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}

/** The number of clients to allow: `maxclients`, or what the limit of open files leaves of it. */
export function clientsAllowed(maxclients: number, limit: number): number {
  return Math.min(maxclients, limit - RESERVED_FILE_COUNT);
}

/** What the log says when fewer than `maxclients` are allowed. */
export function clientsReduced(maxclients: number, limit: number): string[] {
  const wanted = maxclients + RESERVED_FILE_COUNT;
  if (limit <= RESERVED_FILE_COUNT) {
    return [
      `Your current 'ulimit -n' of ${limit} is not enough for the server to start. ` +
        `Please increase your open file limit to at least ${wanted}. Exiting.`,
    ];
  }
  return [
    `You requested maxclients of ${maxclients} requiring at least ${wanted} max file descriptors.`,
    `Server can't set maximum open files to ${wanted} because of OS error: Operation not permitted.`,
    `Current maximum open files is ${limit}. maxclients has been reduced to ` +
      `${clientsAllowed(maxclients, limit)} to compensate for low ulimit. ` +
      "If you need higher maxclients increase 'ulimit -n'.",
  ];
}
