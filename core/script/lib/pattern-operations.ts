// The operations of compiled patterns, four words each:
//
//   word 0  operation      word 1  argument        word 2  follower       word 3  unused
//
// The follower of a repetition is the set of characters that what comes next can begin with: where
// the next character is not in it, the rest need not be tried.

/** One character in set[argument]. */
export const ONE = 0;
/** As many characters as possible, at least none or one, and then fewer and fewer. */
export const STAR = 1;
export const PLUS = 2;
/** As STAR and PLUS where no shorter run can be followed by the rest. */
export const STAR_ALL = 3;
export const PLUS_ALL = 4;
/** As few characters as possible, then more and more. */
export const LAZY = 5;
/** One character or none. */
export const OPTION = 6;
/** Begins capture `argument`, ends it, or captures a position. */
export const OPEN = 7;
export const CLOSE = 8;
export const POSITION = 9;
/** What capture `argument` captured. */
export const BACK = 10;
/** Balanced text: the two characters are in the argument, 256 × first + last. */
export const BALANCE = 11;
/** Between a character outside of set[argument] and one in it. */
export const FRONTIER = 12;
/** The end of the subject. */
export const AT_END = 13;
/** The end of the pattern. */
export const DONE = 14;
export const FAIL = 15;
/** Raises error[argument]. */
export const ERROR = 16;

export const OPERATION_WORDS = 4;
export const ARGUMENT = 1;
export const FOLLOWER = 2;
export const NO_SET = -1;

/** More captures are a mistake. */
export const CAPTURES_MAX = 32;
