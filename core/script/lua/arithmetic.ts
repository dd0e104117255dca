// The two operations on numbers that JavaScript has otherwise than C.

/** Lua's %: the sign is the divisor's. */
export function remainder(a: number, b: number): number {
  // Small integers take the processor's own remainder; adding 0 turns -0 into 0.
  if (a >= 0 && b > 0 && (a | 0) === a && (b | 0) === b) return (a % b) + 0;
  return a - Math.floor(a / b) * b;
}

/** C's pow: 1 to whatever power is 1, and so is -1 to an infinite one. */
export function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  if (b === 2) return a * a;
  return a ** b;
}
