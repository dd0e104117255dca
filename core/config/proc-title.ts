// The title of the process: `proc-title-template` with its variables filled in.
import type { ConfigValues } from "./values.ts";

/** What the template's variables come from, besides the configuration. */
export interface ProcTitleFacts {
  /** The command line's first word, with whatever the server adds to it. */
  readonly title: string;
  readonly sentinel: boolean;
  /** Absolute path, or "" without a file. */
  readonly configFile: string;
}

/** The title to show, or null when the template is not well-formed. */
export function procTitle(
  template: string,
  values: ConfigValues,
  facts: ProcTitleFacts,
): string | null {
  let title = "";
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    if (open < 0) break;
    title += template.slice(at, open);
    if (template[open + 1] === "{") {
      title += "{";
      at = open + 2;
      continue;
    }
    const close = template.indexOf("}", open + 1);
    const value = close < 0 ? null : variable(template.slice(open + 1, close), values, facts);
    if (value === null) return null;
    title += value;
    at = close + 1;
  }
  return (title + template.slice(at)).replace(/^ +| +$/g, "");
}

function variable(name: string, values: ConfigValues, facts: ProcTitleFacts): string | null {
  switch (name) {
    case "title":
      return facts.title;
    case "listen-addr":
      if (values.port === 0 && values.tlsPort === 0) return `unixsocket:${values.unixsocket}`;
      return `${values.bind[0] ?? "*"}:${values.port || values.tlsPort}`;
    case "server-mode":
      if (values.clusterEnabled) return "[cluster]";
      return facts.sentinel ? "[sentinel]" : "";
    case "config-file":
      return facts.configFile === "" ? "-" : facts.configFile;
    case "port":
      return `${values.port}`;
    case "tls-port":
      return `${values.tlsPort}`;
    case "unixsocket":
      return values.unixsocket;
    default:
      return null;
  }
}

/** A template is accepted when it is well-formed and does not come out empty. */
export function isProcTitleTemplate(
  template: string,
  values: ConfigValues,
  sentinel: boolean,
): boolean {
  const title = procTitle(template, values, { title: "", sentinel, configFile: "" });
  return title !== null && title !== "";
}
