// Data sets, as commands made from a running number; both servers get the same.

export interface DataSet {
  readonly label: string;
  /** Number of commands. */
  readonly count: number;
  command(index: number): readonly string[];
}

/** `index` as text of so many digits, as redis-benchmark writes its random numbers with 12. */
export function pad(index: number, digits: number): string {
  return String(index).padStart(digits, "0");
}

/** Spreads numbers over 0 … 2^20-1 in no visible order, each once. */
export function scrambled(index: number): number {
  return Math.imul(index, 0x9e3779b1) & 0xfffff;
}

/** 16-byte keys and values. */
export function stringKeys(count: number): DataSet {
  return {
    label: `${count} strings, 16-byte key and value`,
    count,
    command: (i) => ["SET", `key:${pad(i, 12)}`, `value:${pad(i, 10)}`],
  };
}

export function smallHashes(count: number): DataSet {
  return {
    label: `${count} hashes of 5 fields`,
    count,
    command: (i) => {
      const words = ["HSET", `hash:${pad(i, 11)}`];
      for (let f = 1; f <= 5; f++) words.push(`f${f}`, `v${pad(i + f, 9)}`);
      return words;
    },
  };
}

export function smallSets(count: number): DataSet {
  return {
    label: `${count} sets of 10 members`,
    count,
    command: (i) => {
      const words = ["SADD", `set:${pad(i, 12)}`];
      for (let m = 0; m < 10; m++) words.push(`m${pad(i * 10 + m, 7)}`);
      return words;
    },
  };
}

export function smallIntsets(count: number): DataSet {
  return {
    label: `${count} sets of 10 integers`,
    count,
    command: (i) => {
      const words = ["SADD", `set:${pad(i, 12)}`];
      for (let m = 0; m < 10; m++) words.push(String(i * 10 + m));
      return words;
    },
  };
}

/** Members are the text of redis-benchmark's random numbers, with scores in no order. */
export function zset(key: string, count: number): DataSet {
  return {
    label: `sorted set of ${count}, 12-byte members`,
    count,
    command: (i) => ["ZADD", key, String(scrambled(i)), pad(i, 12)],
  };
}

export function hash(key: string, count: number): DataSet {
  return {
    label: `hash of ${count}, 12-byte fields, 16-byte values`,
    count,
    command: (i) => ["HSET", key, pad(i, 12), `value:${pad(i, 10)}`],
  };
}

/** Members count up from `first`. */
export function set(key: string, count: number, first = 0): DataSet {
  return {
    label: `set of ${count}, 12-byte members`,
    count,
    command: (i) => ["SADD", key, pad(first + i, 12)],
  };
}

export function list(key: string, count: number): DataSet {
  return {
    label: `list of ${count}, 16-byte elements`,
    count,
    command: (i) => ["RPUSH", key, `elem:${pad(i, 11)}`],
  };
}

/** Random numbers, for SORT. */
export function numbers(key: string, count: number): DataSet {
  return {
    label: `list of ${count} numbers`,
    count,
    command: (i) => ["RPUSH", key, String(scrambled(i))],
  };
}

/** Entries 1-0 to count-0, of one field. */
export function stream(key: string, count: number, valueBytes: number): DataSet {
  return {
    label: `stream of ${count}, ${valueBytes}-byte values`,
    count,
    command: (i) => ["XADD", key, `${i + 1}-0`, "field", pad(i, valueBytes)],
  };
}

/** Points all around the world. */
export function points(key: string, count: number): DataSet {
  return {
    label: `${count} points`,
    count,
    command: (i) => {
      const longitude = (scrambled(i) / 0x100000) * 360 - 180;
      const latitude = (scrambled(i * 31 + 7) / 0x100000) * 170 - 85;
      return ["GEOADD", key, longitude.toFixed(6), latitude.toFixed(6), pad(i, 12)];
    },
  };
}
