// What Lua calls an operand in messages: a letter for the kind and the name. Lua finds it by looking
// for the instruction that loaded the operand's register, so only loads have names.
import {
  AND,
  type Expression,
  FALSE,
  GLOBAL,
  INDEX,
  LOCAL,
  NIL,
  NUMBER,
  OR,
  PAREN,
  STRING,
  TRUE,
  UPVALUE,
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

type Exit = () => string | undefined;

/** A value that comes out of a test has no name. */
const UNNAMED: Exit = () => undefined;

/**
 * Lua looks for the last load of the register and follows every jump on its way, as if each test of
 * a choice had succeeded. So `a or b` is what its first test leaves, without a name; but
 * `a and b or c` jumps from its first test to c.
 */
function nameOfChoice(
  kind: typeof AND | typeof OR,
  left: Expression,
  right: Expression,
): string | undefined {
  return kind === OR
    ? afterTest(left, OR, UNNAMED, () => nameOf(right))
    : afterTest(left, AND, () => nameOf(right), UNNAMED);
}

function afterTest(
  expression: Expression,
  kind: typeof AND | typeof OR,
  ifTrue: Exit,
  ifFalse: Exit,
): string | undefined {
  const inner = expression.kind === PAREN ? expression.inner : expression;
  switch (inner.kind) {
    case OR:
      return afterTest(inner.left, OR, ifTrue, () => afterTest(inner.right, kind, ifTrue, ifFalse));
    case AND:
      return afterTest(
        inner.left,
        AND,
        () => afterTest(inner.right, kind, ifTrue, ifFalse),
        ifFalse,
      );
    case NIL:
    case FALSE:
      return ifFalse();
    case TRUE:
    case NUMBER:
    case STRING:
      // Only `and` knows that constants are true.
      return ifTrue();
    default:
      return kind === OR ? ifTrue() : ifFalse();
  }
}

/** "global 'x'", as messages say it. */
export function describeName(name: string): string {
  // Messages are C strings.
  return `${KINDS[name[0]]} '${name.slice(1).split("\0", 1)[0]}'`;
}
