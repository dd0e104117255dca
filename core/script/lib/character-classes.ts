// The classes of characters in Lua's patterns, as tables of 256 bytes: 1 for members. They are those
// of the C locale, in which bytes above 127 are in no class.

/** Members by character code: 1 or 0. */
export type CharacterSet = Uint8Array;

const LETTERS = "acdlpsuwxz";

const isLower = (code: number) => code >= 97 && code <= 122;
const isUpper = (code: number) => code >= 65 && code <= 90;
const isDigit = (code: number) => code >= 48 && code <= 57;
const isLetter = (code: number) => isLower(code) || isUpper(code);
const isControl = (code: number) => code < 32 || code === 127;
const isGraph = (code: number) => code > 32 && code < 127;

const MEMBERSHIP: readonly ((code: number) => boolean)[] = [
  isLetter,
  isControl,
  isDigit,
  isLower,
  (code) => isGraph(code) && !isLetter(code) && !isDigit(code),
  (code) => code === 32 || (code >= 9 && code <= 13),
  isUpper,
  (code) => isLetter(code) || isDigit(code),
  (code) => isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70),
  (code) => code === 0,
];

/** All characters, for the pattern item '.'. */
export const ANY: CharacterSet = new Uint8Array(256).fill(1);

const singles: (CharacterSet | undefined)[] = new Array(256).fill(undefined);
const classes: (CharacterSet | undefined)[] = new Array(256).fill(undefined);

/** The set of one character. */
export function singleSet(code: number): CharacterSet {
  let set = singles[code];
  if (set === undefined) {
    set = new Uint8Array(256);
    set[code] = 1;
    singles[code] = set;
  }
  return set;
}

/** What '%' with the character behind it stands for: a class, or that character itself. */
export function escapedSet(code: number): CharacterSet {
  const known = classes[code];
  if (known !== undefined) return known;
  const set = isLetter(code) ? classSet(code) : singleSet(code);
  classes[code] = set;
  return set;
}

function classSet(code: number): CharacterSet {
  const index = LETTERS.indexOf(String.fromCharCode(code | 32));
  if (index < 0) return singleSet(code);
  const set = new Uint8Array(256);
  const isMember = MEMBERSHIP[index];
  // A capital letter is the complement.
  const wanted = isLower(code);
  for (let i = 0; i < 256; i++) set[i] = isMember(i) === wanted ? 1 : 0;
  return set;
}

/**
 * The set "[…]" at pattern[start], its closing bracket at pattern[end]. A '%' takes the next
 * character along, a '-' between two characters makes a range, and anything else is itself.
 */
export function bracketSet(pattern: string, start: number, end: number): CharacterSet {
  const set = new Uint8Array(256);
  let at = start + 1;
  const complement = pattern[at] === "^";
  if (complement) at++;
  for (; at < end; at++) {
    if (pattern[at] === "%") {
      at++;
      const escaped = escapedSet(pattern.charCodeAt(at));
      for (let i = 0; i < 256; i++) set[i] |= escaped[i];
    } else if (pattern[at + 1] === "-" && at + 2 < end) {
      set.fill(1, pattern.charCodeAt(at), pattern.charCodeAt(at + 2) + 1);
      at += 2;
    } else {
      set[pattern.charCodeAt(at)] = 1;
    }
  }
  if (complement) for (let i = 0; i < 256; i++) set[i] ^= 1;
  return set;
}
