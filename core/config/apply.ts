// Which changes of one CONFIG SET are put into effect together. TLS files must be: a certificate
// without its new key would be refused.

const GROUPS: readonly (readonly [group: string, members: RegExp])[] = [
  ["tls", /^tls-(?!port$|auth-clients$)/],
  ["oom-score", /^oom-score-adj(-values)?$/],
  ["defragmentation", /^active-defrag-(cycle-min|cycle-max|threshold-upper)$/],
  ["announced ports", /^cluster-announce-(bus-|tls-)?port$/],
  ["good replicas", /^min-replicas-(to-write|max-lag)$/],
];

function groupOf(name: string): string {
  return GROUPS.find(([, members]) => members.test(name))?.[0] ?? name;
}

/**
 * The changed names in groups, in the order in which a group's first name was changed. A change of
 * directory comes first: it happens, or fails, before anything else is tried.
 */
export function applyGroups(changed: readonly string[]): string[][] {
  const groups = new Map<string, Set<string>>();
  if (changed.includes("dir")) groups.set("dir", new Set());
  for (const name of changed) {
    const group = groupOf(name);
    const names = groups.get(group) ?? new Set();
    names.add(name);
    groups.set(group, names);
  }
  return [...groups.values()].map((names) => [...names]);
}
