// All libraries beside the base one, in the order in which Redis loads them.
import type { Runtime } from "../lua/runtime.ts";
import { openBit } from "./bit.ts";
import { openCjson } from "./cjson.ts";
import { openCmsgpack } from "./cmsgpack.ts";
import { openMath } from "./math.ts";
import { openOs } from "./os.ts";
import { RecordShapes } from "./record-shapes.ts";
import { openString } from "./string.ts";
import { openStruct } from "./struct.ts";
import { openTable } from "./table.ts";

export function openLibraries(rt: Runtime): void {
  const shapes = new RecordShapes();
  openTable(rt);
  openString(rt);
  openMath(rt);
  // The debug library is loaded here and taken away at the end; its key keeps its place in _G.
  rt.globals.setString("debug", rt.table());
  openOs(rt);
  openCjson(rt, shapes);
  openStruct(rt);
  openCmsgpack(rt, shapes);
  openBit(rt);
}
