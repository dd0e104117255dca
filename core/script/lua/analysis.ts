// What can be said about functions before code is written.
import {
  type Block,
  CALL,
  type Expression,
  LOCAL,
  METHOD,
  S_DO,
  S_FOR_IN,
  S_FOR_NUMBER,
  S_IF,
  S_REPEAT,
  S_RETURN,
  S_WHILE,
  type Statement,
  UPVALUE,
  VARARG,
} from "./ast.ts";
import type { Chunk } from "./chunk.ts";
import type { Prototype } from "./prototype.ts";

export function analyse(chunk: Chunk): void {
  for (const prototype of chunk.prototypes) {
    prototype.returnsOne = endsInReturn(prototype.body) && returnsOne(prototype.body, prototype);
  }
}

function endsInReturn(block: Block): boolean {
  const last = block.length > 0 ? block[block.length - 1] : null;
  if (last === null) return false;
  if (last.kind === S_RETURN) return true;
  if (last.kind === S_DO) return endsInReturn(last.body);
  if (last.kind !== S_IF || last.otherwise === null) return false;
  return endsInReturn(last.otherwise) && last.clauses.every(({ body }) => endsInReturn(body));
}

function returnsOne(block: Block, prototype: Prototype): boolean {
  return block.every((statement) => statementReturnsOne(statement, prototype));
}

function statementReturnsOne(statement: Statement, prototype: Prototype): boolean {
  switch (statement.kind) {
    case S_RETURN:
      return statement.values.length === 1 && isOne(statement.values[0], prototype);
    case S_DO:
    case S_WHILE:
    case S_REPEAT:
    case S_FOR_NUMBER:
    case S_FOR_IN:
      return returnsOne(statement.body, prototype);
    case S_IF: {
      const { clauses, otherwise } = statement;
      return (
        clauses.every(({ body }) => returnsOne(body, prototype)) &&
        (otherwise === null || returnsOne(otherwise, prototype))
      );
    }
    default:
      return true;
  }
}

/** One value; a function that returns what it returns itself returns one if all else does. */
function isOne(expression: Expression, prototype: Prototype): boolean {
  if (expression.kind === METHOD || expression.kind === VARARG) return false;
  if (expression.kind !== CALL) return true;
  const { callee } = expression;
  if (callee.kind !== LOCAL && callee.kind !== UPVALUE) return false;
  return callee.variable === prototype.ownName && !callee.variable.assigned;
}
