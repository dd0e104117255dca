// INFO cpu.
import type { Node } from "../node/node.ts";
import { type Field, microPrecise } from "./fields.ts";

/** All commands run in the main thread, and there are no child processes. */
export function cpuFields(node: Node): Field[] {
  const { cpuSystemSeconds, cpuUserSeconds } = node.host.processFacts();
  return [
    ["used_cpu_sys", microPrecise(cpuSystemSeconds)],
    ["used_cpu_user", microPrecise(cpuUserSeconds)],
    ["used_cpu_sys_children", microPrecise(0)],
    ["used_cpu_user_children", microPrecise(0)],
    ["used_cpu_sys_main_thread", microPrecise(cpuSystemSeconds)],
    ["used_cpu_user_main_thread", microPrecise(cpuUserSeconds)],
  ];
}
