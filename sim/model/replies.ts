// The texts of replies, as the model predicts them.
import type { Session } from "./session.ts";

export const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
export const OK = "+OK\r\n";
export const NOT_INTEGER = "-ERR value is not an integer or out of range\r\n";
export const NOT_FLOAT = "-ERR value is not a valid float\r\n";
export const SYNTAX_ERROR = "-ERR syntax error\r\n";
export const NO_KEY = "-ERR no such key\r\n";

export function error(text: string): string {
  return `-ERR ${text}\r\n`;
}

export function wrongArity(name: string): string {
  return `-ERR wrong number of arguments for '${name}' command\r\n`;
}

export function integer(value: number | bigint): string {
  return `:${value}\r\n`;
}

export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

export function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join("")}`;
}

export function bulks(items: readonly string[]): string {
  return `*${items.length}\r\n${items.map(bulk).join("")}`;
}

/** `parts`: keys and values by turns. */
export function map(session: Session, parts: readonly string[]): string {
  const head = session.resp === 2 ? `*${parts.length}` : `%${parts.length / 2}`;
  return `${head}\r\n${parts.join("")}`;
}

export function nil(session: Session): string {
  return session.resp === 2 ? "$-1\r\n" : "_\r\n";
}

export function nilArray(session: Session): string {
  return session.resp === 2 ? "*-1\r\n" : "_\r\n";
}

/** A message that is no reply. */
export function push(session: Session, items: readonly string[]): string {
  return `${session.resp === 2 ? "*" : ">"}${items.length}\r\n${items.join("")}`;
}
