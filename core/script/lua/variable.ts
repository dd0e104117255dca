// A local variable, and what the parser learns about its use.
import type { Prototype } from "./prototype.ts";

export class Variable {
  readonly name: string;
  /** The function that declares it, and its number there. */
  readonly owner: Prototype;
  readonly number: number;
  /** An inner function uses it. */
  captured = false;
  /** Something assigns to it after its declaration. */
  assigned = false;
  /** The function it always holds, when that is known. */
  holds: Prototype | null = null;
  /** It always holds a number. */
  isNumber = false;

  constructor(name: string, owner: Prototype, number: number) {
    this.name = name;
    this.owner = owner;
    this.number = number;
  }

  /** It changes while an inner function looks at it: both must share a box. */
  get boxed(): boolean {
    return this.captured && this.assigned;
  }
}
