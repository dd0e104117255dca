// The math library, with Redis's own random and randomseed.
import { checkInt, checkNumber } from "../lua/arguments.ts";
import type { LuaFunction } from "../lua/function.ts";
import type { Runtime } from "../lua/runtime.ts";
import { type LuaValue, NOTHING, type Results } from "../lua/value.ts";
import { arccosine, arcsine, arctangent, arctangent2, cosine, sine, tangent } from "./angles.ts";
import { scaleByPowerOfTwo } from "./double-double.ts";
import {
  exponential,
  hyperbolicCosine,
  hyperbolicSine,
  hyperbolicTangent,
  logarithm,
  logarithm10,
  power,
  splitPower,
} from "./exponential.ts";
import { draw, newRandom, RANDOM_MAX, type Random, seed } from "./random.ts";
import { register } from "./register.ts";

const RADIANS_PER_DEGREE = Math.PI / 180;

export function openMath(rt: Runtime): void {
  const unary = (name: string, f: (x: number) => number) =>
    rt.native(name, function (x: LuaValue): Results {
      return f(typeof x === "number" ? x : checkNumber(rt, x, 1, arguments.length));
    });
  const binary = (name: string, f: (x: number, y: number) => number) =>
    rt.native(name, function (a: LuaValue, b: LuaValue): Results {
      // C looks at the second argument first.
      const y = checkNumber(rt, b, 2, arguments.length);
      return f(checkNumber(rt, a, 1, arguments.length), y);
    });

  const [frexp, ldexp, modf] = partFunctions(rt);
  const [max, min] = extremeFunctions(rt);
  const [random, randomseed] = randomFunctions(rt);
  const math = register(rt, "math", [
    unary("abs", Math.abs),
    unary("acos", arccosine),
    unary("asin", arcsine),
    binary("atan2", arctangent2),
    unary("atan", arctangent),
    unary("ceil", Math.ceil),
    unary("cosh", hyperbolicCosine),
    unary("cos", cosine),
    unary("deg", (x) => x / RADIANS_PER_DEGREE),
    unary("exp", exponential),
    unary("floor", Math.floor),
    binary("fmod", (x, y) => x % y),
    frexp,
    ldexp,
    unary("log10", logarithm10),
    unary("log", logarithm),
    max,
    min,
    modf,
    binary("pow", power),
    unary("rad", (x) => x * RADIANS_PER_DEGREE),
    random,
    randomseed,
    unary("sinh", hyperbolicSine),
    unary("sin", sine),
    unary("sqrt", Math.sqrt),
    unary("tanh", hyperbolicTangent),
    unary("tan", tangent),
  ]);
  math.setString("pi", Math.PI);
  math.setString("huge", Number.POSITIVE_INFINITY);
  math.setString("mod", math.getString("fmod"));
}

function partFunctions(rt: Runtime): LuaFunction[] {
  const frexp = rt.native("frexp", function (x: LuaValue): Results {
    return splitPower(checkNumber(rt, x, 1, arguments.length));
  });

  const ldexp = rt.native("ldexp", function (x: LuaValue, exponent: LuaValue): Results {
    const count = arguments.length;
    const e = checkInt(rt, exponent, 2, count);
    return scaleByPowerOfTwo(checkNumber(rt, x, 1, count), e);
  });

  const modf = rt.native("modf", function (x: LuaValue): Results {
    const value = checkNumber(rt, x, 1, arguments.length);
    const whole = Math.trunc(value);
    if (Number.isFinite(value) && whole !== value) return [whole, value - whole];
    if (Number.isNaN(value)) return [value, value];
    return [whole, value < 0 || (value === 0 && 1 / value < 0) ? -0 : 0];
  });
  return [frexp, ldexp, modf];
}

function extremeFunctions(rt: Runtime): LuaFunction[] {
  const max = rt.native("max", function (a: LuaValue, b: LuaValue): Results {
    const count = arguments.length;
    if (count === 2 && typeof a === "number" && typeof b === "number") return b > a ? b : a;
    let found = checkNumber(rt, a, 1, count);
    for (let i = 1; i < count; i++) {
      const value = checkNumber(rt, arguments[i], i + 1, count);
      if (value > found) found = value;
    }
    return found;
  });

  const min = rt.native("min", function (a: LuaValue, b: LuaValue): Results {
    const count = arguments.length;
    if (count === 2 && typeof a === "number" && typeof b === "number") return b < a ? b : a;
    let found = checkNumber(rt, a, 1, count);
    for (let i = 1; i < count; i++) {
      const value = checkNumber(rt, arguments[i], i + 1, count);
      if (value < found) found = value;
    }
    return found;
  });
  return [max, min];
}

function randomFunctions(rt: Runtime): LuaFunction[] {
  rt.random = newRandom();
  const random = rt.native("random", function (a: LuaValue, b: LuaValue): Results {
    // It is drawn before the arguments are looked at.
    const fraction = (draw(rt.random as Random) % RANDOM_MAX) / RANDOM_MAX;
    const count = arguments.length;
    if (count === 0) return fraction;
    if (count > 2) rt.error("wrong number of arguments");
    const first = checkInt(rt, a, 1, count);
    if (count === 1) {
      if (first < 1) rt.argError(1, "interval is empty");
      return Math.floor(fraction * first) + 1;
    }
    const last = checkInt(rt, b, 2, count);
    if (first > last) rt.argError(2, "interval is empty");
    // The size is an int, which overflows.
    return Math.floor(fraction * ((last - first + 1) | 0)) + first;
  });

  const randomseed = rt.native("randomseed", function (value: LuaValue): Results {
    seed(rt.random as Random, checkInt(rt, value, 1, arguments.length));
    return NOTHING;
  });
  return [random, randomseed];
}
