/**
 * Zero, for a field that may come to hold more than 31 bits or a fraction. V8 stores a field that has only
 * ever held small integers as one. The first other number changes the layout of all objects of the class,
 * and throws away all optimized code that knows them: a counter that passes 2^31 would slow the whole
 * server down for a second. Negative zero is no small integer, so such a field is wide from the start.
 * (Where its sign may be seen, the constructor makes it plain zero, which changes nothing else.)
 */
export const WIDE_ZERO: number = -0;
