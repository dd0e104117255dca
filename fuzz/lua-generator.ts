// Random Lua programs. Each ends by itself, whatever it computes: every loop and every function begins
// with `tick()`, which fails for good when the program's ticks are used up. It answers with a digest of
// what it computed: `emit` writes values down, tables with their contents in the order of `next`.
//
// Values that differ between two runs are kept out: addresses (`key`, `str`), time, the sign of NaN.
import type { Random } from "../sim/random.ts";
import { Expressions, expression, type Type, type Variable } from "./lua-expressions.ts";
import { print, type Tree, tree } from "./lua-tree.ts";

/** Helpers of all programs of a script. */
const PROLOGUE = [
  "local results, out, ticks = {}",
  'local function tick() ticks = ticks - 1 if ticks < 0 then error("out of ticks", 0) end end',
  'local function cut(s) if type(s) == "string" then return string.sub(string.gsub(s, "%-nan", "nan"), 1, 300) end return s end',
  'local function key(v) local k = type(v) if k == "number" or k == "string" or k == "boolean" then return v end',
  "return v ~= nil and k or nil end",
  'local function str(v) local k = type(v) if k == "number" and v ~= v then return "nan" end',
  'if k == "string" then return v end if k == "number" or k == "boolean" or k == "nil" then return tostring(v) end return k end',
  // Redis names what a loop cannot call after whatever was in that register before.
  'local function callable(v) return type(v) == "function" and v or next end',
  'local function digit(v) local k = type(v) if k == "number" then return v ~= v and "nan" or string.format("%.17g", v) end',
  `if k == "string" then return "'" .. v .. "'" end return str(v) end`,
  "local function emit(...) if #out > 80 then return end local r = {} for i = 1, select('#', ...) do local v = select(i, ...)",
  "r[#r + 1] = digit(v) if type(v) == 'table' then local n = 0 for k, w in next, v do n = n + 1 if n > 24 then break end",
  "r[#r + 1] = ' ' .. digit(k) .. '=' .. digit(w) end r[#r + 1] = ' #' .. #v end r[#r + 1] = ';' end",
  "out[#out + 1] = cut(table.concat(r)) end",
].join("\n");
const RESET = "out, ticks = {}, 400 math.randomseed(7)";
const FORGET = ' redis.call("DEL", "k0", "k1", "k2")';
// In pcall: Redis crashes when a script ends with some kinds of errors, such as a table without "err".
const BEGIN = "emit(pcall(function(...)";
const END = 'end, "arg", nil, 3))\nresults[#results + 1] = table.concat(out, "\\n")';
/** Damaged programs are arguments: they are only compiled, for what is wrong with them. */
const EPILOGUE =
  "for i = 1, #ARGV do local f, e = loadstring(ARGV[i], '@fuzz') results[#results + 1] = e or 'ok' end return results";

const SHARED: readonly Variable[] = [
  { name: "s", type: "table" },
  { name: "t", type: "number" },
  { name: "u", type: "string" },
  { name: "v", type: "function" },
];
const SECTIONS_MAX = 3;
const SECTION_STATEMENTS_MAX = 4;
const NAMES = "a b c d e f g h i j k".split(" ");
const BLOCK_DEPTH = 2;
const EXPRESSION_DEPTH = 3;

/** A program as a tree whose root block is what may be made smaller. */
export function luaProgram(random: Random): Tree {
  return new Generator(random).program();
}

/** A script that runs the programs one by one and answers with a list of what each computed. */
export function scriptOf(programs: readonly Tree[]): string {
  return [PROLOGUE, ...programs.map(programText), EPILOGUE].join("\n");
}

export function programText(program: Tree): string {
  const text = print(program);
  return `${RESET}${text.includes("redis.") ? FORGET : ""} ${BEGIN}\n${text}\n${END}`;
}

/** A program with something wrong in it: only to be compiled. */
export function damagedProgram(random: Random): string {
  const tokens = print(luaProgram(random)).match(TOKENS) ?? [];
  for (let i = random.between(1, 2); i > 0; i--) {
    const at = random.below(tokens.length);
    switch (random.below(5)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, random.pick(LEXEMES));
        break;
      case 2:
        tokens[at] = random.pick(LEXEMES);
        break;
      case 3:
        tokens[at] = tokens[random.below(tokens.length)];
        break;
      default:
        tokens[at] = tokens[at].slice(0, random.below(tokens[at].length));
    }
  }
  return tokens.join("");
}

const TOKENS = /\s+|\w+|"(?:[^"\\]|\\.)*"|\.\.\.|\.\.|[=~<>]=|./gs;
const LEXEMES = [
  ..."and break do else elseif end false for function if in local nil not or repeat return then true until while".split(
    " ",
  ),
  ..."+ - * / % ^ # == ~= <= >= < > = ( ) { } [ ] ; : , . .. ... ! @ $ & | ~ ` ? \\ '".split(" "),
  ...[
    '"',
    "[[",
    "]]",
    "[=[",
    "--",
    "--[[",
    "\n",
    "1",
    "0x",
    "1e",
    "3..2",
    "1.5e+",
    "x",
    "0xfg",
    "12a",
    "\\",
    "\0",
    "\x80",
  ],
  ...'\'a\' "\\300" "\\q" :: goto'.split(" "),
];

class Generator {
  readonly #random: Random;
  readonly #expressions: Expressions;
  /** Names that may be defined anew are few, so that they hide each other now and then. */
  #nameCount = 0;
  #blockDepth = 0;
  #loopDepth = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#expressions = new Expressions(random);
    this.#expressions.makeFunction = (depth) => this.#functionBody("function", [], depth);
  }

  /** Some variables, and sections that use them and fail one by one. */
  program(): Tree {
    const { random } = this.#expressions;
    const shared = SHARED.slice(0, random.between(1, SHARED.length));
    const locals = shared.map(({ name, type }) =>
      statement(`local ${name} = `, this.#expressions.of(type, 2)),
    );
    this.#define(...shared);
    const sections = Array.from({ length: random.between(1, SECTIONS_MAX) }, () =>
      statement(
        "emit(pcall(function(...)\n",
        tree("block", ...this.#statements(random.between(2, SECTION_STATEMENTS_MAX))),
        `\nend, ${random.below(9)}, "arg"))`,
      ),
    );
    return tree("block", ...locals, ...sections);
  }

  /** Statements of a block; the names they define are known to the later ones. */
  #statements(count: number): Tree[] {
    const before = this.#expressions.scope;
    const statements: Tree[] = [];
    for (let i = 0; i < count; i++) statements.push(this.#statement());
    this.#expressions.scope = before;
    return statements;
  }

  #statement(): Tree {
    const { of } = this.#bound();
    const isDeep = this.#blockDepth >= BLOCK_DEPTH;
    switch (this.#random.below(isDeep ? 13 : 27)) {
      case 0:
      case 1:
      case 2:
        return this.#local();
      case 3:
      case 4:
        return this.#assignment();
      case 5:
      case 6:
      case 7:
        return statement("emit(", ...this.#expressions.list(3, EXPRESSION_DEPTH), ")");
      case 8:
        return this.#tableCall();
      case 9:
        return statement("local _ = ", this.#expressions.call(2));
      case 10:
        return this.#leave();
      case 11:
        return this.#redisCall();
      case 12:
        return this.#fieldAssignment();
      case 13:
      case 14:
        return this.#conditional(of);
      case 15:
      case 16:
        return this.#numericFor();
      case 17:
      case 18:
        return this.#genericFor();
      case 19:
        return this.#while();
      case 20:
        return this.#localFunction();
      case 21:
        return this.#method();
      case 22:
        return this.#coroutine();
      case 23:
      case 24:
        return this.#protected();
      case 25:
        return this.#closures();
      default:
        return this.#churn();
    }
  }

  #bound(): { of: (type: Type) => Tree } {
    return { of: (type) => this.#expressions.of(type, EXPRESSION_DEPTH) };
  }

  #newName(): string {
    return NAMES[this.#nameCount++ % NAMES.length] + (this.#random.chance(50) ? "" : "1");
  }

  #define(...variables: Variable[]): void {
    const { scope } = this.#expressions;
    const names = new Set(variables.map(({ name }) => name));
    const kept = scope.variables.filter(({ name }) => !names.has(name));
    this.#expressions.scope = { ...scope, variables: [...kept, ...variables] };
  }

  /** A block of its own, in a loop or not. */
  #block(variables: readonly Variable[] = [], inLoop = false, first = ""): Tree {
    const before = this.#expressions.scope;
    this.#define(...variables);
    this.#blockDepth++;
    if (inLoop) this.#loopDepth++;
    const statements = this.#statements(this.#random.between(1, 3));
    if (inLoop) this.#loopDepth--;
    this.#blockDepth--;
    this.#expressions.scope = before;
    return statement(first, tree("block", ...statements));
  }

  #local(): Tree {
    const { of } = this.#bound();
    const { random } = this.#expressions;
    const type = random.pick<Type>([
      "number",
      "number",
      "string",
      "table",
      "table",
      "boolean",
      "function",
    ]);
    const value = of(type);
    if (random.chance(15)) {
      const [first, second] = [this.#newName(), this.#newName()];
      const values = this.#expressions.list(2, 2);
      this.#define({ name: first, type: "any" }, { name: second, type: "any" });
      return statement(
        `local ${first}, ${second} = `,
        value,
        ...(values.length > 0 ? [", "] : []),
        ...values,
      );
    }
    const name = this.#newName();
    this.#define({ name, type });
    return statement(`local ${name} = `, value);
  }

  #assignment(): Tree {
    const { variables } = this.#expressions.scope;
    if (variables.length === 0) return this.#local();
    const { name, type } = this.#random.pick(variables);
    if (this.#random.chance(20)) {
      const other = this.#random.pick(variables);
      const right = [this.#bound().of(type), ", ", this.#bound().of(other.type)];
      return statement(`${name}, ${other.name} = `, ...right);
    }
    return statement(`${name} = `, this.#bound().of(type));
  }

  #fieldAssignment(): Tree {
    const target = this.#expressions.indexed(1);
    const index = this.#random.chance(50)
      ? [".", this.#expressions.field()]
      : ["[", this.#expressions.key(2), "]"];
    const value = this.#random.chance(20) ? "nil" : this.#bound().of("any");
    return statement("local _t = ", target, " _t", ...index, " = ", value);
  }

  #tableCall(): Tree {
    const { of } = this.#bound();
    const table = this.#expressions.indexed(1);
    switch (this.#random.below(7)) {
      case 0:
        return statement("emit(table.insert(", table, ", (", of("any"), ")))");
      case 1:
        return statement(
          ...["table.insert(", table, `, ${this.#random.between(-2, 8)}, `, of("any"), ")"],
        );
      case 2:
        return statement(
          "emit(table.remove(",
          table,
          ...this.#expressions.maybe(50, ", ", String(this.#random.between(-1, 6))),
          "))",
        );
      case 3:
        return statement(
          "local _t = ",
          table,
          " table.sort(_t",
          ...this.#comparator(),
          ") emit(_t)",
        );
      case 4:
        return statement(
          "emit(unpack(",
          table,
          ...this.#expressions.maybe(40, ", ", String(this.#random.between(-1, 4))),
          "))",
        );
      case 5:
        return statement(
          "emit(rawset(",
          table,
          ", ",
          this.#expressions.key(2),
          ", ",
          of("any"),
          "))",
        );
      default:
        return statement(
          "emit(next(",
          table,
          ...this.#expressions.maybe(50, ", ", this.#expressions.key(1)),
          "))",
        );
    }
  }

  #comparator(): (string | Tree)[] {
    switch (this.#random.below(4)) {
      case 0:
        return [];
      case 1:
        return [", function(a, b) tick() return a > b end"];
      case 2:
        return [", function(a, b) tick() return str(a) < str(b) end"];
      default:
        return [
          ", ",
          this.#functionBody("function", [
            { name: "a", type: "any" },
            { name: "b", type: "any" },
          ]),
        ];
    }
  }

  /** return, break or error. */
  #leave(): Tree {
    const { of } = this.#bound();
    const { random } = this.#expressions;
    switch (random.below(5)) {
      case 0:
        if (this.#loopDepth > 0) return statement("if ", of("boolean"), " then break end");
        return statement("emit(", of("any"), ")");
      case 1:
        return statement(
          "if ",
          of("boolean"),
          " then return ",
          ...this.#expressions.list(2, 2),
          " end",
        );
      case 2:
        return statement(
          "if ",
          of("boolean"),
          " then error(",
          of("any"),
          `, ${random.below(4)}) end`,
        );
      case 3:
        return statement("if ", of("boolean"), " then error(", of("string"), ") end");
      default:
        return statement("emit(pcall(assert, ", of("any"), ", ", of("string"), "))");
    }
  }

  #redisCall(): Tree {
    const { of } = this.#bound();
    const { random } = this.#expressions;
    const name = `"k${random.below(3)}"`;
    // Texts only: a number is written with fewer digits since Redis 7.2.
    const text = (): Tree => expression("str(", of("string"), ")");
    const call = random.chance(60) ? "redis.pcall" : "redis.call";
    switch (random.below(6)) {
      case 0:
        return statement(`emit(${call}("set", ${name}, `, text(), "))");
      case 1:
        return statement(`emit(${call}("get", ${name}))`);
      case 2:
        return statement(`emit(${call}("incr", ${name}))`);
      case 3:
        return statement(`emit(${call}("rpush", ${name}, `, text(), ", ", text(), "))");
      case 4:
        return statement(`emit(${call}("lrange", ${name}, "0", "-1"))`);
      default:
        return statement(
          `emit(${call}(`,
          text(),
          ", ",
          text(),
          ...this.#expressions.maybe(20, ", {}"),
          "))",
        );
    }
  }

  #conditional(of: (type: Type) => Tree): Tree {
    const { random } = this.#expressions;
    const parts: (string | Tree)[] = ["if ", of("boolean"), " then\n", this.#block()];
    if (random.chance(30)) parts.push("\nelseif ", of("any"), " then\n", this.#block());
    if (random.chance(50)) parts.push("\nelse\n", this.#block());
    return statement(...parts, "\nend");
  }

  #numericFor(): Tree {
    const { random } = this.#expressions;
    const name = this.#newName();
    const bound = (low: number, high: number): Tree =>
      random.chance(85)
        ? expression(String(random.between(low, high)))
        : this.#expressions.of("number", 1);
    const step = random.chance(25) ? [", ", bound(-2, 3)] : [];
    const head = [`for ${name} = `, bound(-1, 3), ", ", bound(0, 6), ...step, " do\n"];
    return statement(...head, this.#block([{ name, type: "number" }], true, "tick() "), "\nend");
  }

  #genericFor(): Tree {
    const [first, second] = [this.#newName(), this.#newName()];
    const iterator = this.#iterator();
    const variables: Variable[] = [
      { name: first, type: "any" },
      { name: second, type: "any" },
    ];
    return statement(
      ...[`for ${first}, ${second} in `, ...iterator, " do\n"],
      ...[this.#block(variables, true, "tick() "), "\nend"],
    );
  }

  /** What goes behind `in`. */
  #iterator(): (string | Tree)[] {
    const table = (): Tree => this.#expressions.indexed(2);
    switch (this.#random.below(8)) {
      case 0:
      case 1:
      case 2:
        return ["pairs(", table(), ")"];
      case 3:
        return ["ipairs(", table(), ")"];
      case 4:
        return ["next, ", table()];
      case 5: {
        const subject = this.#expressions.of("string", 2);
        return ["string.gmatch(string.sub(", subject, ', 1, 16), "(%w)(.?)")'];
      }
      case 6:
        return ["coroutine.wrap(", this.#functionBody("function", [], 2, true), ")"];
      default:
        return ["callable(", this.#expressions.of("any", 1), ")"];
    }
  }

  #while(): Tree {
    const condition = this.#bound().of("boolean");
    return this.#random.chance(50)
      ? statement("while ", condition, " do\n", this.#block([], true, "tick() "), "\nend")
      : statement("repeat\n", this.#block([], true, "tick() "), "\nuntil ", condition);
  }

  /** `head` and the parameters and statements of a function. */
  #functionBody(
    head: string,
    given: readonly Variable[] = [],
    depth = 2,
    isCoroutine = false,
  ): Tree {
    const { random } = this.#expressions;
    const before = this.#expressions.scope;
    const parameters = [...given];
    if (given.length === 0) {
      for (let i = random.below(3); i > 0; i--)
        parameters.push({ name: this.#newName(), type: "any" });
    }
    const hasVarargs = random.chance(30);
    const names = [...parameters.map(({ name }) => name), ...(hasVarargs ? ["..."] : [])];
    const loops = this.#loopDepth;
    this.#loopDepth = 0;
    this.#define(...parameters);
    this.#expressions.scope = {
      ...this.#expressions.scope,
      hasVarargs,
      inCoroutine: isCoroutine || before.inCoroutine,
    };
    const isShort = depth <= 1 || this.#blockDepth >= BLOCK_DEPTH || random.chance(50);
    const statements = isShort ? [] : [this.#block(), "\n"];
    const answer = ["return ", ...this.#expressions.list(2, depth)];
    const yields = isCoroutine ? ["coroutine.yield(", ...this.#expressions.list(2, 1), ") "] : [];
    this.#loopDepth = loops;
    this.#expressions.scope = before;
    return expression(
      `${head}(${names.join(", ")}) tick() `,
      ...statements,
      ...yields,
      ...answer,
      " end",
    );
  }

  #localFunction(): Tree {
    const name = this.#newName();
    const isRecursive = this.#random.chance(50);
    if (isRecursive) this.#define({ name, type: "function" });
    const body = this.#functionBody(
      isRecursive ? `local function ${name}` : `local ${name} = function`,
    );
    this.#define({ name, type: "function" });
    return statement(body);
  }

  #method(): Tree {
    const name = this.#expressions.variable("table");
    if (name === null) return this.#localFunction();
    const field = this.#expressions.field();
    if (this.#random.chance(50)) return statement(this.#functionBody(`function ${name}.${field}`));
    const self: Variable = { name: "self", type: "table" };
    const before = this.#expressions.scope;
    this.#define(self);
    const body = this.#functionBody(`function ${name}:${field}`);
    this.#expressions.scope = before;
    return statement(body);
  }

  #coroutine(): Tree {
    const name = this.#newName();
    const body = this.#functionBody("function", [], 2, true);
    const times = this.#random.between(1, 4);
    const values = this.#expressions.list(2, 1);
    return statement(
      ...[`local ${name} = coroutine.create(`, body, `)\nfor _ = 1, ${times} do tick() `],
      `emit(coroutine.resume(${name}`,
      ...[...(values.length > 0 ? [", "] : []), ...values],
      `)) emit(coroutine.status(${name})) end`,
    );
  }

  #protected(): Tree {
    const body = this.#functionBody("function", [], 3);
    const values = this.#expressions.list(2, 1);
    const more = [...(values.length > 0 ? [", "] : []), ...values];
    if (this.#random.chance(75)) return statement("emit(pcall(", body, ...more, "))");
    // A handler that fails is called again, until it is nested too deeply: how often is no matter here.
    const handler = this.#functionBody("function", [{ name: "e", type: "any" }], 1);
    return statement("emit(xpcall(", body, ", ", handler, "))");
  }

  /** Closures made in a loop, called behind it. */
  #closures(): Tree {
    const [list, index] = [this.#newName(), this.#newName()];
    const body = this.#functionBody("function", [{ name: "x", type: "any" }]);
    this.#define({ name: list, type: "table" });
    return statement(
      ...[
        `local ${list} = {}\nfor ${index} = 1, 3 do tick() local v = ${index} * 2 ${list}[${index}] = function(...) `,
      ],
      ...[`v = v + 1 ${index} = ${index} + v return v, ${index}, (`, body, `)(...) end end\n`],
      ...[
        `for _, f in ipairs(${list}) do tick() emit(pcall(f, `,
        this.#expressions.of("any", 1),
        ")) emit(pcall(f)) end",
      ],
    );
  }

  /** A table that many keys are put into and taken from, and then looked at. */
  #churn(): Tree {
    const { random } = this.#expressions;
    const name = this.#newName();
    const kind = random.pick([
      "i",
      "-i",
      "i * i",
      "i / 2",
      '"k" .. i',
      "2 ^ i",
      "i % 3 == 0",
      "i * 1e9",
      "string.char(64 + i)",
      '("x"):rep(i * 7)',
    ]);
    const initial = random.pick([
      "{}",
      "{1, 2, 3}",
      "{a = 1, b = 2}",
      "{nil, 2, nil, 4}",
      "{[1] = 1, [2] = 2, x = 3}",
    ]);
    this.#define({ name, type: "table" });
    const count = random.between(3, 40);
    const every = random.between(2, 4);
    const steps = [`for i = 1, ${count} do local k = ${kind} ${name}[k] = i end`];
    if (random.chance(60))
      steps.push(`for i = 1, ${count}, ${every} do local k = ${kind} ${name}[k] = nil end`);
    if (random.chance(50))
      steps.push(`for i = ${count}, 1, -1 do ${name}[i] = ${name}[i] or i end`);
    if (random.chance(40))
      steps.push(
        `for k in pairs(${name}) do if str(k):byte(-1) % 2 == 0 then ${name}[k] = nil end end`,
      );
    if (random.chance(40)) steps.push(`for i = 1, 5 do ${name}["n" .. i] = i end`);
    const shown = `do local r = {} for k, v in pairs(${name}) do r[#r + 1] = str(k) end emit(#${name}, cut(table.concat(r, " "))) end`;
    return statement(
      `local ${name} = ${initial} `,
      tree("block", ...steps.map((step) => tree("statement", step)), tree("statement", shown)),
    );
  }
}

function statement(...parts: (string | Tree)[]): Tree {
  return tree("statement", ...parts);
}
