// Error replies that several commands share, to the letter of Redis 7.4.

export const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
export const SYNTAX_ERROR = "ERR syntax error";
export const NOT_INTEGER = "ERR value is not an integer or out of range";
export const NOT_FLOAT = "ERR value is not a valid float";
export const OUT_OF_RANGE = "ERR value is out of range";
export const MUST_BE_POSITIVE = "ERR value is out of range, must be positive";
export const NO_SUCH_KEY = "ERR no such key";
export const OVERFLOW = "ERR increment or decrement would overflow";
export const NAN_OR_INFINITY = "ERR increment would produce NaN or Infinity";
export const STRING_TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
export const DB_OUT_OF_RANGE = "ERR DB index is out of range";
export const NO_AUTH_ERROR = "NOAUTH Authentication required.";
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
export const TOO_FEW_REPLICAS = "NOREPLICAS Not enough good replicas to write.";
export const NO_SCRIPT = "NOSCRIPT No matching script. Please use EVAL.";
export const EXEC_ABORT = "EXECABORT Transaction discarded because of previous errors.";

/** The error of a wrong number of arguments. */
export function wrongArity(fullName: string): string {
  return `ERR wrong number of arguments for '${fullName}' command`;
}

/** The error of a wrong subcommand or number of its arguments. */
export function unknownSubcommand(container: string, given: string): string {
  return `ERR unknown subcommand or wrong number of arguments for '${given.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`;
}

/** The text up to its first NUL, as C's %s prints it. */
export function cString(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
