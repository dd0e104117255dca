// cjson.null: C's null pointer as a Lua value, the same one everywhere.
import { LuaUserdata } from "../lua/value.ts";

/** Its number is 0, as the address is. */
export const NULL: LuaUserdata = new LuaUserdata({ objectCount: -1 });
