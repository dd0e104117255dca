// Random patterns for string.find and its like, mostly valid ones. Few repetitions each, so that
// searching stays cheap.
import type { Random } from "../sim/random.ts";

const REPETITIONS_MAX = 3;
const CLASSES = [..."acdlpsuwxzACDLPSUWXZ"];
const PLAIN = [..."abcxyz01,.= ", "%.", "%%", "%(", "%[", "."];

export function pattern(random: Random): string {
  let text = random.chance(15) ? "^" : "";
  let open = 0;
  let captures = 0;
  let repetitions = 0;
  for (let i = random.between(1, 5); i > 0; i--) {
    switch (random.below(12)) {
      case 0:
        text += "(";
        open++;
        captures++;
        continue;
      case 1:
        if (open > 0) {
          text += ")";
          open--;
        }
        continue;
      case 2:
        text += "()";
        captures++;
        continue;
      case 3:
        if (captures > 0) text += `%${random.between(1, captures)}`;
        continue;
      case 4:
        text += random.pick(["%b()", "%b[]", "%bxy", "%f[%w]", "%f[^%a]"]);
        continue;
    }
    text += item(random);
    if (random.chance(50)) {
      const repetition = random.pick(["*", "+", "-", "?"]);
      if (repetition !== "?") repetitions++;
      if (repetitions <= REPETITIONS_MAX) text += repetition;
    }
  }
  text += ")".repeat(open);
  if (random.chance(15)) text += "$";
  return random.chance(6) ? broken(random, text) : text;
}

function item(random: Random): string {
  switch (random.below(4)) {
    case 0:
      return `%${random.pick(CLASSES)}`;
    case 1: {
      const inside = Array.from({ length: random.between(1, 3) }, () =>
        random.pick([...PLAIN, "a-z", "0-9", "%w", "%s", "-", "^", "]"]),
      );
      return `[${random.chance(30) ? "^" : ""}${inside.join("")}]`;
    }
    default:
      return random.pick(PLAIN);
  }
}

/** With a character left out or put in. */
function broken(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return random.chance(50)
    ? text.slice(0, at) + text.slice(at + 1)
    : text.slice(0, at) + random.pick([..."%[]()-*^$\0"]) + text.slice(at);
}

/** A text to put in place of what is found. */
export function replacement(random: Random): string {
  const pieces = Array.from({ length: random.below(4) }, () =>
    random.pick(["x", "<", ">", "%0", "%0", "%1", "%1", "%2", "%%", "-", "%"]),
  );
  return pieces.join("");
}
