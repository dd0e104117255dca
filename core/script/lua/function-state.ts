// The function being parsed: its active variables, blocks and registers.

import type { Chunk } from "./chunk.ts";
import type { Lexer } from "./lexer.ts";
import { Prototype } from "./prototype.ts";
import { Variable } from "./variable.ts";

const VARIABLES_MAX = 200;
const UPVALUES_MAX = 60;
const REGISTERS_MAX = 250;

interface BlockState {
  readonly activeCount: number;
  readonly isLoop: boolean;
}

export class FunctionState {
  readonly parent: FunctionState | null;
  readonly prototype: Prototype;
  readonly active: (Variable | null)[] = [];
  readonly blocks: BlockState[] = [];
  /** The first free register, as Lua's compiler would count. */
  registers = 0;
  private readonly lexer: Lexer;

  constructor(lexer: Lexer, chunk: Chunk, parent: FunctionState | null, line: number) {
    this.lexer = lexer;
    this.parent = parent;
    this.prototype = new Prototype(chunk, parent?.prototype ?? null, line);
  }

  /** Checks that `count` more variables can be declared. */
  checkVariables(count: number): void {
    if (this.active.length + count > VARIABLES_MAX) this.limit(VARIABLES_MAX, "local variables");
  }

  newVariable(name: string): Variable {
    return new Variable(name, this.prototype, this.prototype.variableCount++);
  }

  /** Makes a variable visible; null is one of a loop's hidden ones. */
  activate(variable: Variable | null): void {
    this.active.push(variable);
  }

  find(name: string): Variable | null {
    for (let i = this.active.length - 1; i >= 0; i--) {
      const variable = this.active[i];
      if (variable !== null && variable.name === name) return variable;
    }
    return null;
  }

  upvalueIndex(variable: Variable): number {
    const { upvalues } = this.prototype;
    const index = upvalues.indexOf(variable);
    if (index >= 0) return index;
    if (upvalues.length + 1 > UPVALUES_MAX) this.limit(UPVALUES_MAX, "upvalues");
    return upvalues.push(variable) - 1;
  }

  enterBlock(isLoop: boolean): void {
    this.blocks.push({ activeCount: this.active.length, isLoop });
  }

  leaveBlock(): void {
    this.active.length = this.blocks.pop()!.activeCount;
    this.registers = this.active.length;
  }

  reserve(count: number): void {
    this.registers += count;
    if (this.registers >= REGISTERS_MAX) this.lexer.fail("function or expression too complex");
    if (this.registers > this.prototype.registersMax) {
      this.prototype.registersMax = this.registers;
    }
  }

  limit(limit: number, what: string): never {
    const { line } = this.prototype;
    const where = line === 0 ? "main function" : `function at line ${line}`;
    this.lexer.failNear(`${where} has more than ${limit} ${what}`, 0);
  }
}
