// Lua's remainder, which JavaScript has otherwise than C. For powers see lib/exponential.ts.

/** Lua's %: the sign is the divisor's. */
export function remainder(a: number, b: number): number {
  // Small integers take the processor's own remainder; adding 0 turns -0 into 0.
  if (a >= 0 && b > 0 && (a | 0) === a && (b | 0) === b) return (a % b) + 0;
  return a - Math.floor(a / b) * b;
}
