// Random Lua expressions: typed enough to compute something, and sloppy enough to fail now and then.
//
// Nothing that could run for long or that differs from run to run is made: repetitions and subjects
// of patterns are short, `key` and `str` (see lua-generator.ts) keep addresses out of keys and texts.
import type { Random } from "../sim/random.ts";
import { pattern, replacement } from "./lua-patterns.ts";
import { type Tree, tree } from "./lua-tree.ts";

export type Type = "number" | "string" | "boolean" | "table" | "function" | "any";

const TYPES: readonly Type[] = ["number", "string", "boolean", "table", "function", "any"];
const SLOPPY_PERCENT = 3;

export interface Variable {
  readonly name: string;
  readonly type: Type;
}

/** What an expression can use. */
export interface Scope {
  readonly variables: readonly Variable[];
  readonly hasVarargs: boolean;
  readonly inCoroutine: boolean;
}

type Parts = (string | Tree)[];

export class Expressions {
  readonly random: Random;
  scope: Scope = { variables: [], hasVarargs: false, inCoroutine: false };
  /** A function with a body, which takes statements. */
  makeFunction: (depth: number) => Tree = () => expression("type");

  constructor(random: Random) {
    this.random = random;
  }

  /** An expression that mostly has the type. */
  of(wanted: Type, depth: number): Tree {
    const { random } = this;
    const type = random.chance(SLOPPY_PERCENT) ? random.pick(TYPES) : wanted;
    if (random.chance(35)) {
      const known = this.variable(type);
      if (known !== null) return expression(known);
    }
    if (depth <= 0) return expression(this.#literal(type));
    if (random.chance(6)) return this.#anywhere(type, depth - 1);
    switch (type) {
      case "number":
        return this.#number(depth - 1);
      case "string":
        return this.#string(depth - 1);
      case "boolean":
        return this.#boolean(depth - 1);
      case "table":
        return this.#table(depth - 1);
      case "function":
        return this.makeFunction(depth - 1);
      case "any":
        return this.of(random.pick(TYPES), depth - 1);
    }
  }

  /** A name in scope with the type, or null. */
  variable(type: Type): string | null {
    const fitting = this.scope.variables.filter(
      (variable) => type === "any" || variable.type === type || variable.type === "any",
    );
    return fitting.length === 0 ? null : this.random.pick(fitting).name;
  }

  /** Up to `max` expressions of any type, separated by commas. */
  list(max: number, depth: number): Parts {
    return this.#separated(this.random.below(max + 1), () => this.of("any", depth));
  }

  /** As `list`, each with a comma before it. */
  more(max: number, depth: number): Parts {
    return Array.from({ length: this.random.below(max + 1) }, () => this.of("any", depth)).flatMap(
      (value) => [", ", value],
    );
  }

  /** Something that can be indexed: mostly a table. */
  indexed(depth: number): Tree {
    const name = this.variable("table");
    if (name !== null && this.random.chance(80)) return expression(name);
    return expression("(", this.of("table", depth), ")");
  }

  /** A key: a name, a small number, or anything but an object. */
  key(depth: number): Tree {
    const { random } = this;
    switch (random.below(4)) {
      case 0:
        return expression(String(random.between(-1, 9)));
      case 1:
      case 2:
        return expression(`"${random.pick(FIELDS)}"`);
      default:
        return expression("key(", this.of("any", depth), ")");
    }
  }

  field(): string {
    return this.random.pick(FIELDS);
  }

  #literal(type: Type): string {
    const { random } = this;
    switch (type) {
      case "number":
        return random.chance(70) ? String(random.between(-3, 12)) : random.pick(NUMBERS);
      case "string":
        return random.pick(STRINGS);
      case "boolean":
        return random.pick(["true", "false"]);
      case "table":
        return random.pick(["{}", "{1, 2, 3}", "{a = 1}", "{10, 20, x = 30}"]);
      case "function":
        return random.pick(["type", "str", "tonumber", "string.len", "math.floor", "select"]);
      case "any":
        return random.chance(40) ? "nil" : this.#literal(random.pick(TYPES.slice(0, 4)));
    }
  }

  /** Ways to get a value of any type. */
  #anywhere(type: Type, depth: number): Tree {
    const { random } = this;
    switch (random.below(7)) {
      case 0:
        return expression("(", this.of(type, depth), " or ", this.of("any", depth), ")");
      case 1:
        return expression(
          ...["(", this.of("boolean", depth), " and ", this.of(type, depth), " or "],
          ...[this.of(type, depth), ")"],
        );
      case 2:
        return expression(this.indexed(depth), "[", this.key(depth), "]");
      case 3:
        return expression(this.indexed(depth), ".", this.field());
      case 4:
        return this.call(depth);
      case 5:
        if (this.scope.hasVarargs) return expression(random.pick(["...", "(...)"]));
        return expression("(", this.of(type, depth), ")");
      default:
        if (this.scope.inCoroutine) {
          return expression("coroutine.yield(", ...this.list(2, depth), ")");
        }
        return expression("(select(", this.of("number", 0), ...this.more(3, depth), "))");
    }
  }

  /** A call of something in scope. */
  call(depth: number): Tree {
    const { random } = this;
    if (random.chance(20)) {
      return expression(
        ...[this.indexed(depth), ":", this.field(), "("],
        ...[...this.list(2, depth), ")"],
      );
    }
    const name = this.variable("function");
    const callee = name ?? "(type)";
    return expression(callee, "(", ...this.list(3, depth), ")");
  }

  #number(depth: number): Tree {
    const { random } = this;
    const number = (): Tree => this.of("number", depth);
    const string = (): Tree => this.of("string", depth);
    switch (random.below(18)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return expression(
          "(",
          number(),
          ` ${random.pick(["+", "-", "*", "/", "%"])} `,
          number(),
          ")",
        );
      case 4:
        // Small numbers: a power half way between two doubles is rounded as the C library likes.
        return expression(
          ...["((", number(), " % 4096) ^ ", random.pick(["0", "1", "2", "3", "-1"]), ")"],
        );
      case 5:
        return expression("-", random.chance(50) ? " " : "", "(", number(), ")");
      case 6:
        return expression("#", this.#primary(random.chance(50) ? "string" : "table", depth));
      case 7:
        return expression(`math.${random.pick(MATH)}(`, number(), ")");
      case 8:
        return expression(`math.${random.pick(MATH2)}(`, number(), ", ", number(), ")");
      case 9:
        return expression("tonumber(", string(), ...this.maybe(10, ", ", number()), ")");
      case 10:
        return expression(`bit.${random.pick(BIT)}(`, number(), ", ", number(), ")");
      case 11:
        return expression("string.byte(", string(), ...this.maybe(50, ", ", number()), ")");
      case 12:
        return expression(
          "select(",
          random.pick(['"#"', "1", "2", "-1"]),
          ...this.more(3, depth),
          ")",
        );
      case 13:
        return expression("(string.find(", ...this.#subjectAndPattern(depth), "))");
      case 14:
        return expression("math.random(", String(random.between(1, 20)), ")");
      case 15:
        return expression("table.maxn(", this.of("table", depth), ")");
      case 16:
        return expression("struct.unpack(", ...this.#structPair(depth), ")");
      default:
        return expression(this.indexed(depth), "[", this.of("number", depth), "]");
    }
  }

  #string(depth: number): Tree {
    const { random } = this;
    const string = (): Tree => this.of("string", depth);
    const number = (): Tree => this.of("number", depth);
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2:
        return expression("cut(", this.#scalar(depth), " .. ", this.#scalar(depth), ")");
      case 3:
        return expression(
          ...["cut(", this.#scalar(depth), " .. ", this.#scalar(depth)],
          ...[" .. ", this.#scalar(depth), ")"],
        );
      case 4:
        return expression(
          "string.sub(",
          string(),
          ", ",
          number(),
          ...this.maybe(60, ", ", number()),
          ")",
        );
      case 5:
        return expression("cut(string.rep(", string(), ", ", number(), " % 5))");
      case 6:
        return this.#format(depth);
      case 7:
        return expression("cut((string.gsub(", ...this.#gsubArguments(depth), ")))");
      case 8:
        return expression("(string.match(", ...this.#subjectAndPattern(depth), "))");
      case 9:
        return expression("str(", this.of("any", depth), ")");
      case 10:
        return expression(`string.${random.pick(["upper", "lower", "reverse"])}(`, string(), ")");
      case 11:
        return expression(
          ...[
            "cut(table.concat(",
            this.of("table", depth),
            ...this.maybe(60, ", ", string()),
            "))",
          ],
        );
      case 12:
        return expression("type(", this.of("any", depth), ")");
      case 13:
        return expression(this.#primary("string", depth), ":", random.pick(METHODS));
      case 14:
        return random.chance(50)
          ? expression("cut(cjson.encode(", this.data(2), "))")
          : expression("cut(cmsgpack.pack(", this.data(2), "))");
      default:
        return random.chance(50)
          ? expression("bit.tohex(", number(), ...this.maybe(30, ", ", number()), ")")
          : expression(
              "string.char(",
              this.#separatedTree(3, () => this.#byte(depth)),
              ")",
            );
    }
  }

  #boolean(depth: number): Tree {
    const { random } = this;
    switch (random.below(6)) {
      case 0:
        return expression("not ", this.#primary("any", depth));
      case 1:
      case 2: {
        const operator = random.pick(["<", "<=", ">", ">="]);
        const type = random.chance(75) ? "number" : "string";
        return expression("(", this.of(type, depth), ` ${operator} `, this.of(type, depth), ")");
      }
      case 3:
      case 4:
        return expression(
          ...["(", this.of("any", depth), random.pick([" == ", " ~= "])],
          ...[this.of("any", depth), ")"],
        );
      default:
        return expression("rawequal(", this.of("any", depth), ", ", this.of("any", depth), ")");
    }
  }

  #table(depth: number): Tree {
    const { random } = this;
    switch (random.below(9)) {
      case 0:
        return expression(
          "setmetatable(",
          this.of("table", depth),
          ", ",
          this.metatable(depth),
          ")",
        );
      case 1:
        return expression("{", ...this.list(4, depth), "}");
      case 2:
        return expression("cjson.decode(cjson.encode(", this.data(2), "))");
      case 3:
        return expression("cmsgpack.unpack(cmsgpack.pack(", this.data(2), "))");
      case 4:
        return expression("{string.byte(", this.of("string", depth), ", 1, -1)}");
      default:
        return expression("{", ...this.#separated(random.below(6), () => this.#entry(depth)), "}");
    }
  }

  #entry(depth: number): Tree {
    const value = this.of("any", depth);
    switch (this.random.below(4)) {
      case 0:
        return expression(this.field(), " = ", value);
      case 1:
        return expression("[", this.key(depth), "] = ", value);
      default:
        return value;
    }
  }

  /** A table with some metamethods. */
  metatable(depth: number): Tree {
    const { random } = this;
    const entries = this.#separated(random.between(1, 3), () => {
      const name = random.pick(EVENTS);
      const value =
        name === "__index" || name === "__newindex"
          ? this.of(random.pick(["table", "function"]), depth)
          : this.makeFunction(depth);
      return expression(`${name} = `, value);
    });
    return expression("{", ...entries, "}");
  }

  /** Tables, strings and numbers without variables: what can be packed whatever it is. */
  data(depth: number): Tree {
    const { random } = this;
    if (depth === 0 || random.chance(40)) {
      return expression(this.#literal(random.pick(["number", "string", "boolean"])));
    }
    const entries = this.#separated(random.below(5), () => {
      const value = this.data(depth - 1);
      if (random.chance(40)) return expression(this.field(), " = ", value);
      if (random.chance(20)) return expression(`[${random.between(-1, 12)}] = `, value);
      return value;
    });
    return expression("{", ...entries, "}");
  }

  /** Mostly a string or a number. */
  #scalar(depth: number): Tree {
    return this.of(this.random.chance(70) ? "string" : "number", depth);
  }

  #byte(depth: number): Tree {
    if (this.random.chance(90)) return expression(String(this.random.below(256)));
    return this.of("number", depth);
  }

  /** What can stand before a suffix, and behind # and not. */
  #primary(type: Type, depth: number): Tree {
    return expression("(", this.of(type, depth), ")");
  }

  #subjectAndPattern(depth: number): Parts {
    const subject = expression("string.sub(", this.of("string", depth), ", 1, 16)");
    const start = this.maybe(25, ", ", this.of("number", 0));
    return [subject, ", ", expression(quoted(pattern(this.random))), ...start];
  }

  #gsubArguments(depth: number): Parts {
    const { random } = this;
    const by = random.chance(50)
      ? expression(quoted(replacement(random)))
      : this.of(random.pick(["function", "function", "table"]), depth);
    const [subject, comma, found] = this.#subjectAndPattern(depth);
    const most = this.maybe(25, ", ", expression(String(random.below(4))));
    return [subject, comma, found, ", ", by, ...most];
  }

  #format(depth: number): Tree {
    const { random } = this;
    let text = "";
    const values: Parts = [];
    for (let i = random.below(3); i >= 0; i--) {
      const letter = random.pick([..."dsfgxqcieuXoGE"]);
      text += random.pick(["", "a", "%%", " "]);
      text += `%${this.#formatFlags()}${letter}`;
      values.push(", ", this.of(letter === "s" || letter === "q" ? "string" : "number", depth));
    }
    return expression(`cut(string.format("${text}"`, ...values, "))");
  }

  #formatFlags(): string {
    const { random } = this;
    if (random.chance(50)) return "";
    const flag = random.chance(50) ? random.pick(["-", "0", "+", " ", "#", "-0", "+0"]) : "";
    const width = random.chance(50) ? String(random.between(1, 12)) : "";
    return flag + width + (random.chance(40) ? `.${random.below(10)}` : "");
  }

  #structPair(depth: number): Parts {
    const { random } = this;
    const order = random.pick(["", "<", ">", "=", "!", "!2"]);
    const letters = Array.from({ length: random.between(1, 3) }, () => random.pick(STRUCT));
    const format = `"${order}${letters.join("")}"`;
    const values = letters.flatMap(
      (letter): Parts => [", ", this.of(letter === "s" ? "string" : "number", depth)],
    );
    const packed = expression(`struct.pack(${format}`, ...values, ")");
    return [format, ", ", packed, ...this.maybe(10, ", ", this.of("number", 0))];
  }

  /** The parts, at times. */
  maybe(percent: number, ...parts: Parts): Parts {
    return this.random.chance(percent) ? parts : [];
  }

  #separated(count: number, make: () => Tree): Parts {
    const parts: Parts = [];
    for (let i = 0; i < count; i++) parts.push(...(i === 0 ? [] : [", "]), make());
    return parts;
  }

  #separatedTree(max: number, make: () => Tree): Tree {
    return expression(...this.#separated(this.random.below(max + 1), make));
  }
}

export function expression(...parts: Parts): Tree {
  return tree("expression", ...parts);
}

/** A Lua string in quotes. */
export function quoted(text: string): string {
  const escaped = (char: string): string =>
    char === '"' || char === "\\"
      ? `\\${char}`
      : `\\${char.charCodeAt(0).toString().padStart(3, "0")}`;
  return `"${text.replace(/["\\]|[^ -~]/g, escaped)}"`;
}

const FIELDS: readonly string[] = [
  "a",
  "b",
  "c",
  "x",
  "y",
  "n",
  "name",
  "value",
  "next",
  "length",
  "constructor",
];
const NUMBERS: readonly string[] = [
  ..."0.5 1.5 -0.25 1e3 255 256 65535 2^31 -2^31 2^32 2^53 1e15 1e100 0x10 0xff 3.14159 1/3 1e-5".split(
    " ",
  ),
  "1/0",
  "123456789",
  "-0",
];
const STRINGS: readonly string[] = [
  ...[
    '""',
    '"a"',
    '"abc"',
    '"hello world"',
    '"10"',
    '"0x1F"',
    '" 5 "',
    '"1e2"',
    '"x,y,,z"',
    '"key=value"',
  ],
  ...[
    '"A1b2C3"',
    '"\\0\\255\\n"',
    '"[brackets]"',
    '"%d"',
    '"foo.bar"',
    "[[long]]",
    '"12abc"',
    '"-7"',
  ],
];
const MATH: readonly string[] = ["floor", "ceil", "abs", "sqrt", "modf", "frexp"];
const MATH2: readonly string[] = ["max", "min", "fmod", "ldexp"];
const BIT: readonly string[] = [
  "band",
  "bor",
  "bxor",
  "lshift",
  "rshift",
  "arshift",
  "rol",
  "ror",
  "bnot",
  "tobit",
];
const METHODS: readonly string[] = [
  "upper()",
  "len()",
  "sub(2)",
  "rep(2)",
  "reverse()",
  "byte()",
  "sub(-2, -1)",
  "nothing()",
];
const STRUCT: readonly string[] = [
  "b",
  "B",
  "h",
  "H",
  "i",
  "I",
  "l",
  "L",
  "f",
  "d",
  "s",
  "i3",
  "I5",
  "x",
];
const EVENTS: readonly string[] = [
  ...[
    "__index",
    "__index",
    "__newindex",
    "__call",
    "__add",
    "__sub",
    "__mul",
    "__div",
    "__mod",
    "__pow",
  ],
  ...["__unm", "__concat", "__eq", "__lt", "__le", "__tostring", "__len", "__metatable"],
];
