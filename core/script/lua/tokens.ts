// Tokens are numbers: a single character is its code, the others follow from 257.
export const TK_AND = 257;
export const TK_BREAK = 258;
export const TK_DO = 259;
export const TK_ELSE = 260;
export const TK_ELSEIF = 261;
export const TK_END = 262;
export const TK_FALSE = 263;
export const TK_FOR = 264;
export const TK_FUNCTION = 265;
export const TK_IF = 266;
export const TK_IN = 267;
export const TK_LOCAL = 268;
export const TK_NIL = 269;
export const TK_NOT = 270;
export const TK_OR = 271;
export const TK_REPEAT = 272;
export const TK_RETURN = 273;
export const TK_THEN = 274;
export const TK_TRUE = 275;
export const TK_UNTIL = 276;
export const TK_WHILE = 277;
export const TK_CONCAT = 278;
export const TK_DOTS = 279;
export const TK_EQ = 280;
export const TK_GE = 281;
export const TK_LE = 282;
export const TK_NE = 283;
export const TK_NUMBER = 284;
export const TK_NAME = 285;
export const TK_STRING = 286;
export const TK_EOS = 287;

const FIRST = TK_AND;

const TEXTS = [
  ..."and break do else elseif end false for function if in local nil not or repeat".split(" "),
  ..."return then true until while .. ... == >= <= ~= <number> <name> <string> <eof>".split(" "),
];

export const RESERVED: ReadonlyMap<string, number> = new Map(
  TEXTS.slice(0, TK_WHILE - FIRST + 1).map((text, i) => [text, FIRST + i]),
);

/** A token as messages show it. */
export function tokenText(token: number): string {
  if (token >= FIRST) return TEXTS[token - FIRST];
  const isControl = token < 32 || token === 127;
  return isControl ? `char(${token})` : String.fromCharCode(token);
}
