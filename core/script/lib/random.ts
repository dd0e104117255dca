// Redis's lrand48: a linear congruential generator of 48 bits (the one of drand48), so that scripts
// draw the same numbers on every machine. A product of 48 bits is put together from halves of 24.

/** The state that math.random goes on from; whoever owns it can save it and put it back. */
export interface Random {
  /** 48 bits. */
  state: number;
}

export const RANDOM_MAX = 0x7fffffff;

const TWO_16 = 0x10000;
const TWO_17 = 0x20000;
const TWO_24 = 0x1000000;
/** The state of a server that was never seeded. */
const START = 0x1234abcd330e;
const SEED_LOW = 0x330e;
const MULTIPLIER_HIGH = 0x5de;
const MULTIPLIER_LOW = 0xece66d;
const INCREMENT = 0xb;

export function newRandom(): Random {
  return { state: START };
}

/** `value`: an int32. */
export function seed(random: Random, value: number): void {
  random.state = (value >>> 0) * TWO_16 + SEED_LOW;
}

/** A number below 2^31. */
export function draw(random: Random): number {
  const high = Math.floor(random.state / TWO_24);
  const low = random.state - high * TWO_24;
  const lowProduct = MULTIPLIER_LOW * low + INCREMENT;
  const carry = Math.floor(lowProduct / TWO_24);
  const highProduct = (MULTIPLIER_HIGH * low + MULTIPLIER_LOW * high + carry) % TWO_24;
  random.state = highProduct * TWO_24 + (lowProduct - carry * TWO_24);
  return Math.floor(random.state / TWO_17);
}
