// INFO commandstats, latencystats and errorstats: what was executed, how long it took, what failed.
import type { Command } from "../commands/table.ts";
import { percentile } from "../node/latency-histogram.ts";
import type { Node } from "../node/node.ts";
import { safeInfoText } from "../util/safe-info-text.ts";
import { type Field, hundredths } from "./fields.ts";

export function* commandFields(node: Node): Generator<Field> {
  for (const command of allCommands(node)) {
    const { calls, microseconds, rejectedCalls, failedCalls } = command;
    if (calls === 0 && rejectedCalls === 0 && failedCalls === 0) continue;
    const perCall = hundredths(calls === 0 ? 0 : microseconds / calls);
    yield [
      `cmdstat_${safeInfoText(command.fullName)}`,
      `calls=${calls},usec=${Math.floor(microseconds)},usec_per_call=${perCall},rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
    ];
  }
}

export function* latencyFields(node: Node): Generator<Field> {
  const { latencyTracking, latencyTrackingInfoPercentiles } = node.config.values;
  if (!latencyTracking) return;
  for (const command of allCommands(node)) {
    const histogram = command.latencyHistogram;
    if (histogram === null) continue;
    const values = latencyTrackingInfoPercentiles.map((percent) => {
      const microseconds = percentile(histogram, percent);
      return `p${percentText(percent)}=${microseconds.toFixed(3)}`;
    });
    yield [`latency_percentiles_usec_${safeInfoText(command.fullName)}`, values.join(",")];
  }
}

export function* errorFields(node: Node): Generator<Field> {
  const { errors } = node.statistics;
  for (const code of [...errors.keys()].sort()) {
    yield [`errorstat_${safeInfoText(code)}`, `count=${errors.get(code)}`];
  }
}

function* allCommands(node: Node): Generator<Command> {
  for (const command of node.commands.commands) {
    yield command;
    yield* command.subcommands;
  }
}

/** As printf's %f without the zeros at the end: at most six digits behind the point. */
function percentText(percent: number): string {
  return percent.toFixed(6).replace(/\.?0+$/, "");
}
