// The kinds of clients, as CLIENT LIST and CLIENT KILL know them.
import type { ClientClass } from "../node/clients.ts";
import type { Args } from "../resp/args.ts";

/** The class that argument i names, or null. */
export function clientClassNamed(args: Args, i: number): ClientClass | null {
  if (args.is(i, "normal")) return "normal";
  if (args.is(i, "slave") || args.is(i, "replica")) return "replica";
  if (args.is(i, "pubsub")) return "pubsub";
  return args.is(i, "master") ? "master" : null;
}

export function unknownClientType(args: Args, i: number): string {
  return `ERR Unknown client type '${args.latin1(i)}'`;
}
