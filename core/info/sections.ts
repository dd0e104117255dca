// INFO: the sections in their order, and which of them are shown.
import type { Node } from "../node/node.ts";
import { clientFields } from "./clients.ts";
import { commandFields, errorFields, latencyFields } from "./commands.ts";
import { cpuFields } from "./cpu.ts";
import { type Field, sectionText } from "./fields.ts";
import { keyspaceFields } from "./keyspace.ts";
import { memoryFields } from "./memory.ts";
import { persistenceFields } from "./persistence.ts";
import { replicationFields } from "./replication.ts";
import { serverFields } from "./server.ts";
import { debugFields, statisticsFields } from "./stats.ts";

interface Section {
  /** Lower case, as clients ask for it. */
  readonly name: string;
  readonly title: string;
  /** default: INFO alone shows it; all: INFO all, too; hidden: only when it is named. */
  readonly shown: "default" | "all" | "hidden";
  readonly fields: (node: Node) => Iterable<Field>;
}

const SECTIONS: readonly Section[] = [
  { name: "server", title: "Server", shown: "default", fields: serverFields },
  { name: "clients", title: "Clients", shown: "default", fields: clientFields },
  { name: "memory", title: "Memory", shown: "default", fields: memoryFields },
  { name: "persistence", title: "Persistence", shown: "default", fields: persistenceFields },
  { name: "stats", title: "Stats", shown: "default", fields: statisticsFields },
  { name: "replication", title: "Replication", shown: "default", fields: replicationFields },
  { name: "cpu", title: "CPU", shown: "default", fields: cpuFields },
  { name: "modules", title: "Modules", shown: "default", fields: () => [] },
  { name: "commandstats", title: "Commandstats", shown: "all", fields: commandFields },
  { name: "errorstats", title: "Errorstats", shown: "default", fields: errorFields },
  { name: "latencystats", title: "Latencystats", shown: "all", fields: latencyFields },
  { name: "cluster", title: "Cluster", shown: "default", fields: clusterFields },
  { name: "keyspace", title: "Keyspace", shown: "default", fields: keyspaceFields },
  { name: "debug", title: "Debug", shown: "hidden", fields: debugFields },
];

function clusterFields(node: Node): Field[] {
  return [["cluster_enabled", node.config.values.clusterEnabled ? 1 : 0]];
}

/** INFO's text for the words behind it, in lower case; none: the default sections. */
export function infoText(node: Node, words: readonly string[]): string {
  const wanted = new Set(words.length === 0 ? ["default"] : words);
  const all = wanted.has("all") || wanted.has("everything");
  const isShown = ({ name, shown }: Section): boolean =>
    wanted.has(name) ||
    (name === "modules" && wanted.has("module_list")) ||
    (shown === "default" && wanted.has("default")) ||
    (shown !== "hidden" && all);
  return SECTIONS.filter(isShown)
    .map(({ title, fields }) => sectionText(title, fields(node)))
    .join("\r\n");
}
