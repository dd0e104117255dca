// Reading one reply for predictions that are judged instead of compared.

export interface RespValue {
  readonly kind: "simple" | "error" | "integer" | "bulk" | "null" | "array" | "push" | "other";
  /** The text of a simple string, error, integer or bulk string. */
  readonly text: string;
  readonly items: readonly RespValue[];
  /** The bytes of the value as they came. */
  readonly raw: string;
}

/** The value that starts at `at` and the offset behind it, or null when it is not whole. */
export function readReply(text: string, at: number): { value: RespValue; end: number } | null {
  const lineEnd = text.indexOf("\r\n", at);
  if (lineEnd === -1) return null;
  const line = text.slice(at + 1, lineEnd);
  const next = lineEnd + 2;
  const done = (
    kind: RespValue["kind"],
    content: string,
    end: number,
    items: RespValue[] = [],
  ) => ({
    value: { kind, text: content, items, raw: text.slice(at, end) },
    end,
  });
  switch (text[at]) {
    case "+":
      return done("simple", line, next);
    case "-":
      return done("error", line, next);
    case ":":
      return done("integer", line, next);
    case "_":
      return done("null", "", next);
    case "$": {
      if (line === "-1") return done("null", "", next);
      const end = next + Number(line) + 2;
      return text.length < end ? null : done("bulk", text.slice(next, end - 2), end);
    }
    case "*":
    case "~":
    case ">":
    case "%": {
      if (line === "-1") return done("null", "", next);
      const count = Number(line) * (text[at] === "%" ? 2 : 1);
      const items: RespValue[] = [];
      let end = next;
      for (let i = 0; i < count; i++) {
        const item = readReply(text, end);
        if (item === null) return null;
        items.push(item.value);
        end = item.end;
      }
      return done(text[at] === ">" ? "push" : "array", "", end, items);
    }
    default:
      return done("other", line, next);
  }
}
