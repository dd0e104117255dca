// Names and other words that a client says of itself. They appear in the lines of CLIENT LIST, so
// nothing that would break a line or a field is allowed in them.

export const INVALID_NAME =
  "ERR Client names cannot contain spaces, newlines or special characters.";

/** True when the text has a character outside of printable ASCII. As in C, a NUL ends it. */
export function invalidAttribute(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0) return false;
    if (code < 33 || code > 126) return true;
  }
  return false;
}
