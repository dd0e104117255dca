// Text in double quotes with escapes, as Redis prints arbitrary bytes (MONITOR, logs, redis.conf).

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

/** Text of one character per byte; everything outside printable ASCII becomes \xHH. */
export function quoted(text: string): string {
  let result = '"';
  for (const character of text) {
    const escaped = ESCAPES[character];
    const code = character.charCodeAt(0);
    if (escaped !== undefined) result += escaped;
    else if (code >= 32 && code < 127) result += character;
    else result += `\\x${code.toString(16).padStart(2, "0")}`;
  }
  return `${result}"`;
}
