// What the program says of itself: the version line, the help and the logo.
import { REDIS_VERSION, SEEDIS_VERSION } from "../core/version.ts";

/** The commit that Redis prints as part of its version; this program has another history. */
export const COMMIT = "00000000";

/** The line that `--version` prints: Redis's, with this program's own version at the end. */
export function versionLine(): string {
  return (
    `Redis server v=${REDIS_VERSION} sha=${COMMIT}:0 malloc=node-${process.versions.node} ` +
    `bits=64 build=0 seedis=${SEEDIS_VERSION}`
  );
}

export const USAGE: string = `Usage: seedis [/path/to/redis.conf] [options] [-]
       seedis - (read config from stdin)
       seedis -v or --version
       seedis -h or --help
       seedis --check-system

Examples:
       seedis (run the server with default conf)
       echo 'maxmemory 128mb' | seedis -
       seedis /etc/redis/6379.conf
       seedis --port 7777
       seedis --port 7777 --replicaof 127.0.0.1 8888
       seedis /etc/myredis.conf --loglevel verbose -
       seedis /etc/myredis.conf --loglevel verbose
`;

export interface LogoFacts {
  readonly mode: "standalone" | "cluster" | "sentinel";
  readonly port: number;
  readonly pid: number;
}

/** The logo. Tools read the process id from the line that starts with " PID: ". */
export function logo({ mode, port, pid }: LogoFacts): string {
  return `
           .-""-.    .-""-.
          /      \\  /      \\        Seedis ${SEEDIS_VERSION}
          \\       \\/       /        compatible with Redis ${REDIS_VERSION}, 64 bit
           '-.___ || ___.-'         Running in ${mode} mode
                 '||'               Port: ${port}
             _____||_____           PID: ${pid}
            '------------'

`;
}
