// INFO server.
import type { Node } from "../node/node.ts";
import { REDIS_VERSION, SEEDIS_VERSION } from "../version.ts";
import type { Field } from "./fields.ts";

const SECONDS_PER_DAY = 86400;

/** The fields that ask for a compiler or a build are answered with zeros: there is neither. */
export function serverFields(node: Node): Field[] {
  const { config, host, wallMs } = node;
  const { values } = config;
  const facts = host.processFacts();
  const uptimeSeconds = Math.floor(wallMs / 1000) - Math.floor(node.startedMs / 1000);
  const fields: Field[] = [
    ["redis_version", REDIS_VERSION],
    ["seedis_version", SEEDIS_VERSION],
    ["redis_git_sha1", "00000000"],
    ["redis_git_dirty", 0],
    ["redis_build_id", "0000000000000000"],
    ["redis_mode", values.clusterEnabled ? "cluster" : "standalone"],
    ["os", facts.osName],
    ["arch_bits", facts.archBits],
    ["monotonic_clock", "POSIX clock_gettime"],
    ["multiplexing_api", facts.osName.startsWith("Linux") ? "epoll" : "kqueue"],
    ["atomicvar_api", "none"],
    ["gcc_version", "0.0.0"],
    ["seedis_runtime", facts.runtime],
    ["process_id", facts.pid],
    ["process_supervised", values.supervised === "auto" ? "no" : values.supervised],
    ["run_id", node.runId],
    ["tcp_port", values.port === 0 ? values.tlsPort : values.port],
    ["server_time_usec", node.wallUs],
    ["uptime_in_seconds", uptimeSeconds],
    ["uptime_in_days", Math.floor(uptimeSeconds / SECONDS_PER_DAY)],
    ["hz", node.cron.hz],
    ["configured_hz", values.hz],
    ["lru_clock", node.keyspace.lruClock],
    ["executable", facts.executable],
    ["config_file", facts.configFile],
    ["io_threads_active", 0],
  ];
  const shutdownMs = node.shutdown.deadlineMs - wallMs;
  if (Number.isFinite(shutdownMs)) fields.push(["shutdown_in_milliseconds", shutdownMs]);
  fields.push(...listenerFields(node));
  return fields;
}

/** What is listened on, numbered as Redis numbers its kinds of connections. */
function listenerFields(node: Node): Field[] {
  const { bind, port, tlsPort, unixsocket } = node.config.values;
  const addresses = bind.map((address) => `,bind=${address}`).join("");
  const fields: Field[] = [];
  if (port !== 0) fields.push(["listener0", `name=tcp${addresses},port=${port}`]);
  if (unixsocket !== "") fields.push(["listener1", `name=unix,bind=${unixsocket}`]);
  if (tlsPort !== 0) fields.push(["listener2", `name=tls${addresses},port=${tlsPort}`]);
  return fields;
}
