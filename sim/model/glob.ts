// Patterns with * and ?, which is what the workloads use.

export function globMatches(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] !== "*") {
    if (text === "" || (pattern[0] !== "?" && pattern[0] !== text[0])) return false;
    return globMatches(pattern.slice(1), text.slice(1));
  }
  const rest = pattern.slice(1);
  if (rest === "") return true;
  for (let at = 0; at <= text.length; at++) {
    if (globMatches(rest, text.slice(at))) return true;
  }
  return false;
}
