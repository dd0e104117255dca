// LATENCY: the latency monitor's spikes, and how long commands take.
import type { Context } from "../node/context.ts";
import { latencyGraph } from "../node/latency-graph.ts";
import { cumulativeCounts, totalCount } from "../node/latency-histogram.ts";
import { latencyReport } from "../node/latency-report.ts";
import type { Args } from "../resp/args.ts";
import type { Reply } from "../resp/reply.ts";
import { type CommandEntry, command } from "./command.ts";
import { helpCommand } from "./help.ts";
import type { Command } from "./table.ts";

/** LATENCY HISTORY event */
function history({ node }: Context, args: Args, reply: Reply): void {
  const samples = node.latency.events.get(args.latin1(2))?.samples ?? [];
  reply.array(samples.length);
  for (const { timeSeconds, milliseconds } of samples) {
    reply.array(2);
    reply.integer(timeSeconds);
    reply.integer(milliseconds);
  }
}

/** LATENCY LATEST */
function latest({ node }: Context, _args: Args, reply: Reply): void {
  const { events } = node.latency;
  reply.array(events.size);
  for (const [name, { samples, maxMs }] of events) {
    const { timeSeconds, milliseconds } = samples[samples.length - 1];
    reply.array(4);
    reply.bulkText(name);
    reply.integer(timeSeconds);
    reply.integer(milliseconds);
    reply.integer(maxMs);
  }
}

/** LATENCY RESET [event [event ...]] */
function reset({ node }: Context, args: Args, reply: Reply): void {
  const names: string[] = [];
  for (let i = 2; i < args.count; i++) names.push(args.latin1(i));
  reply.integer(node.latency.reset(names.length === 0 ? null : names));
}

/** LATENCY GRAPH event */
function graph({ node, nowMs }: Context, args: Args, reply: Reply): void {
  const name = args.latin1(2);
  const event = node.latency.events.get(name);
  if (event === undefined) {
    return reply.error(`ERR No samples available for event '${name}'`);
  }
  reply.verbatim("txt", latencyGraph(name, event, nowMs));
}

/** LATENCY DOCTOR */
function doctor({ node }: Context, _args: Args, reply: Reply): void {
  reply.verbatim("txt", latencyReport(node));
}

/** LATENCY HISTOGRAM [command [command ...]] */
function histogram({ node }: Context, args: Args, reply: Reply): void {
  const commands: Command[] = [];
  const addWithSubcommands = (found: Command): void => {
    commands.push(found, ...found.subcommands);
  };
  if (args.count === 2) for (const found of node.commands.commands) addWithSubcommands(found);
  for (let i = 2; i < args.count; i++) {
    const found = node.commands.lookupFullName(args.bytes, args.offset[i], args.length[i]);
    if (found !== null) addWithSubcommands(found);
  }
  const measured = commands.filter(({ latencyHistogram }) => latencyHistogram !== null);
  reply.map(measured.length);
  for (const { fullName, latencyHistogram } of measured) {
    reply.bulkText(fullName);
    writeHistogram(latencyHistogram!, reply);
  }
}

function writeHistogram(counts: Float64Array, reply: Reply): void {
  reply.map(2);
  reply.bulkText("calls");
  reply.integer(totalCount(counts));
  reply.bulkText("histogram_usec");
  const steps = cumulativeCounts(counts);
  reply.map(steps.length);
  for (const [microseconds, executions] of steps) {
    reply.integer(microseconds);
    reply.integer(executions);
  }
}

export const latencyCommands: readonly CommandEntry[] = [
  helpCommand("latency"),
  command("latency|history", history),
  command("latency|latest", latest),
  command("latency|reset", reset),
  command("latency|graph", graph),
  command("latency|doctor", doctor),
  command("latency|histogram", histogram),
];
