// Of the os library Redis's sandbox has the processor time alone.
import type { Runtime } from "../lua/runtime.ts";
import { register } from "./register.ts";

export function openOs(rt: Runtime): void {
  register(rt, "os", [rt.native("clock", () => rt.clock())]);
}
