// What a function's text says, once for all its closures.
import type { Block } from "./ast.ts";
import type { Chunk } from "./chunk.ts";
import type { Variable } from "./variable.ts";

export class Prototype {
  readonly chunk: Chunk;
  /** Its place in `chunk.prototypes`. */
  readonly index: number;
  readonly parent: Prototype | null;
  /** The line of its `function`, 0 for the main function. */
  readonly line: number;
  parameters: Variable[] = [];
  isVararg = false;
  /** A vararg function that never says `...` gets its extra arguments in a table `arg`. */
  argTable: Variable | null = null;
  /** Variables of outer functions it uses, by number. */
  upvalues: Variable[] = [];
  body: Block = [];
  variableCount = 0;
  /** The first zero among its constants: 0 and -0 are one constant. */
  zero: number | null = null;
  /** The most registers Lua's compiler would use. */
  registersMax = 2;
  /** Its frame's share of the JavaScript stack: see STACK_UNIT_BYTES. */
  weight = 1;
  /** Every way out returns exactly one value. */
  returnsOne = false;
  /** The local variable that is declared as this function and never changes. */
  ownName: Variable | null = null;

  constructor(chunk: Chunk, parent: Prototype | null, line: number) {
    this.chunk = chunk;
    this.index = chunk.prototypes.length;
    this.parent = parent;
    this.line = line;
    chunk.prototypes.push(this);
  }

  compact(): void {
    this.parameters = [];
    this.upvalues = [];
    this.body = [];
    this.argTable = null;
    this.ownName = null;
  }
}
