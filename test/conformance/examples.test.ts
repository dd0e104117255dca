import { describe } from "vitest";
import { testExampleScripts } from "../examples/example-scripts.ts";

describe("the scripts of docs/examples on redis-server", () => testExampleScripts("redis"));
