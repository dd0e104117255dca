import { describe } from "vitest";
import { testExampleScripts } from "./example-scripts.ts";

describe("the scripts of docs/examples on Seedis", () => testExampleScripts("seedis"));
