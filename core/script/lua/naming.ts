// What Lua calls an operand in messages: a letter for the kind and the name. Lua finds it by looking
// for the instruction that loaded the operand's register, so only loads have names.
import {
  AND,
  CALL,
  type Expression,
  FALSE,
  GLOBAL,
  INDEX,
  LOCAL,
  METHOD,
  NIL,
  NUMBER,
  OR,
  PAREN,
  STRING,
  TRUE,
  UPVALUE,
  VARARG,
} from "./ast.ts";

const KINDS: Readonly<Record<string, string>> = {
  f: "field",
  g: "global",
  l: "local",
  m: "method",
  u: "upvalue",
};

export function nameOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case LOCAL:
      return `l${expression.variable.name}`;
    case UPVALUE:
      return `u${expression.variable.name}`;
    case GLOBAL:
      return `g${expression.name}`;
    case INDEX:
      return expression.key.kind === STRING ? `f${expression.key.value}` : "f?";
    case PAREN:
      return nameOf(expression.inner);
    case AND:
    case OR:
      return nameOfChoice(expression.kind, expression.left, expression.right);
    default:
      return undefined;
  }
}

/**
 * Lua passes over the second operand, as the jump over it leads to where the value is used; the
 * first has a name if it was loaded into the very register.
 */
function nameOfChoice(
  kind: typeof AND | typeof OR,
  left: Expression,
  right: Expression,
): string | undefined {
  const inner = left.kind === PAREN ? left.inner : left;
  switch (inner.kind) {
    case NIL:
    case FALSE:
      return kind === OR ? nameOf(right) : undefined;
    case TRUE:
    case NUMBER:
    case STRING:
      return kind === AND ? nameOf(right) : undefined;
    case LOCAL:
    case CALL:
    case METHOD:
    case VARARG:
      return undefined;
    default:
      return nameOf(inner);
  }
}

/** "global 'x'", as messages say it. */
export function describeName(name: string): string {
  // Messages are C strings.
  return `${KINDS[name[0]]} '${name.slice(1).split("\0", 1)[0]}'`;
}
