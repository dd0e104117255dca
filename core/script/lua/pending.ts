// The signals between generators, the operations they use, and the machine that runs them.

/** What an operation answers in a generator when a call has to be made first. */
export const PENDING: unique symbol = Symbol("pending");
/** What a generator returns when its last act is a tail call. */
export const TAIL: unique symbol = Symbol("tail");

// What a generator yields.
/** It has used up the fuel. */
export const REQUEST_PAUSE = 0;
/** The pending call. */
export const REQUEST_CALL = 1;
/** The pending coroutine is to run. */
export const REQUEST_RESUME = 2;
/** The coroutine stops here, with the pending arguments as its values. */
export const REQUEST_YIELD = 3;

// Who makes a pending call: compiled code, an operation for its metamethod, a native.
export const PENDING_CALL = 0;
export const PENDING_META = 1;
export const PENDING_NATIVE = 2;
