// Directives by name. A directive with an alias is found under both names; apart from that the two
// are one. CONFIG GET lists both.
import { asciiLower } from "../util/bytes.ts";
import type { Directive, DirectiveFlag } from "./directive.ts";
import { DIRECTIVES } from "./directives.ts";

/** A name under which a directive is known. */
export interface NamedDirective {
  /** The directive's name or its alias. */
  readonly name: string;
  readonly directive: Directive;
}

/** All names, aliases too, in alphabetical order. */
export const NAMED_DIRECTIVES: readonly NamedDirective[] = DIRECTIVES.flatMap((directive) =>
  (directive.alias === "" ? [directive.name] : [directive.name, directive.alias]).map((name) => ({
    name,
    directive,
  })),
).sort((a, b) => (a.name < b.name ? -1 : 1));

const BY_NAME: ReadonlyMap<string, NamedDirective> = new Map(
  NAMED_DIRECTIVES.map((named) => [named.name, named]),
);

/** The directive of this name or alias, in any case. */
export function findDirective(name: string): NamedDirective | undefined {
  return BY_NAME.get(asciiLower(name));
}

export function hasFlag(directive: Directive, flag: DirectiveFlag): boolean {
  return directive.flags.includes(flag);
}

/** Whether the value that follows this name must not show up in logs, SLOWLOG and MONITOR. */
export function isSensitive(name: string): boolean {
  const found = findDirective(name);
  return found !== undefined && hasFlag(found.directive, "sensitive");
}

/**
 * Whether `enable-protected-configs`, `enable-debug-command` or `enable-module-command` lets a
 * client through; a client is local when it comes over loopback or a unix socket.
 */
export function isAllowed(setting: "no" | "yes" | "local", localClient: boolean): boolean {
  return setting === "yes" || (setting === "local" && localClient);
}
