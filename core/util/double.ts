// Doubles in text form: the shortest digits that read back as the same double, laid out as Redis
// 7.2 and later lay them out (its fpconv): plain notation for exponents -7 < e < 21 or so,
// otherwise d.ddde±xx.

/** The shortest form of a double, as replies and scores show it: "3", "0.1", "1e+25", "inf", "nan". */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  return String(value);
}
