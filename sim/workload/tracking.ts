// Random commands of client-side caching, and what makes its messages visible.
import type { Random } from "../random.ts";
import type { Maker } from "./words.ts";

const clientId = (r: Random): string => r.pick(["1", "2", "3", "4", "5", "6", "99", "x"]);
const mode = (r: Random): string[] => r.pick([[], [], ["OPTIN"], ["OPTOUT"], ["bcast"]]);
const noLoop = (r: Random): string[] => (r.chance(30) ? ["NOLOOP"] : []);
const redirect = (r: Random): string[] => (r.chance(40) ? ["REDIRECT", clientId(r)] : []);
/** Different from each other; some overlap. */
const prefixes = (r: Random): string[] =>
  r.pick([
    ["PREFIX", "key:"],
    ["PREFIX", "key:1", "PREFIX", "key:2"],
    ["PREFIX", "list:", "PREFIX", "hash:", "PREFIX", "l"],
    ["PREFIX", "z"],
  ]);

export const tracking: readonly Maker[] = [
  (r) => ["CLIENT", "TRACKING", "ON", ...mode(r), ...noLoop(r), ...redirect(r)],
  (r) => ["CLIENT", "TRACKING", "on", ...redirect(r), ...mode(r)],
  (r) => ["CLIENT", "TRACKING", "ON", "BCAST", ...prefixes(r), ...noLoop(r), ...redirect(r)],
  (r) => ["CLIENT", "TRACKING", r.pick(["ON", "OFF", "OFF", "maybe"]), ...mode(r), ...mode(r)],
  (r) => ["CLIENT", "TRACKING", "ON", r.pick(["PREFIX", "x", "REDIRECT", "NOLOOP"]), "a"],
  (r) => ["CLIENT", "CACHING", r.pick(["YES", "NO", "yes", "no", "perhaps"])],
  (r) => ["CLIENT", "CACHING", r.pick(["YES", "NO"])],
  () => ["CLIENT", "GETREDIR"],
  () => ["CLIENT", "TRACKINGINFO"],
  () => ["HELLO", "3"],
];
