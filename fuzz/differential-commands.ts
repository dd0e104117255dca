// What the differential fuzzer sends. Commands are templates in a small notation:
//
//   WORD        itself
//   $name       a random value of that sort (VALUES below)
//   [ … ]       half of the time
//   ( … | … )   one of them
//   { … }       one to four times, each time drawn anew
//
// Keys are few and named by the type they mostly have, so that commands meet; now and then a key of
// another type is taken. Nothing depends on the time or on chance in the server: expiry times are
// absolute and far away (or long gone), entry IDs are given, and elements are never popped at random.
//
// Most of it is the list of templates, which is read best in one piece, next to the notation it is in.
import type { Random } from "../sim/random.ts";

export type Words = readonly string[];

const KEYS_PER_TYPE = 4;
const TYPES = ["s", "l", "h", "S", "z", "x", "b", "p", "g"];
/** Sorted sets whose scores are all 0. */
const LEX_TYPE = "q";
const OTHER_TYPE_PERCENT = 6;
const MUTATION_PERCENT = 5;
const TRANSACTION_PERCENT = 5;
const OTHER_CASE_PERCENT = 3;

const STRING_COMMANDS = [
  "SET $s $v [ ( NX | XX ) ] [ GET ] [ ( KEEPTTL | EXAT $seconds | PXAT $ms ) ]",
  "SETNX $s $v",
  "GET $s",
  "GETSET $s $v",
  "GETDEL $s",
  "GETEX $s [ ( PERSIST | EXAT $seconds | PXAT $ms ) ]",
  "MGET { $s }",
  "MSET { $s $v }",
  "MSETNX { $s $v }",
  "APPEND $s $v",
  "STRLEN $s",
  "SETRANGE $s $count $v",
  "GETRANGE $s $index $index",
  "SUBSTR $s $index $index",
  "INCR $s",
  "DECR $s",
  "INCRBY $s $integer",
  "DECRBY $s $integer",
  "INCRBYFLOAT $s $float",
  "LCS $s $s [ LEN ] [ IDX ] [ MINMATCHLEN $count ] [ WITHMATCHLEN ]",
  "SETBIT $b $bit ( 0 | 1 )",
  "GETBIT $b $bit",
  "BITCOUNT $b [ $index $index [ ( BYTE | BIT ) ] ]",
  "BITPOS $b ( 0 | 1 ) [ $index [ $index [ ( BYTE | BIT ) ] ] ]",
  "BITOP ( AND | OR | XOR ) $b { $b }",
  "BITOP NOT $b $b",
  "BITFIELD $b { ( GET $width $place | SET $width $place $integer | INCRBY $width $place $integer | OVERFLOW ( WRAP | SAT | FAIL ) ) }",
  "BITFIELD_RO $b { GET $width $place }",
  "PFADD $p { $member }",
  "PFADD $p { $many }",
  "PFCOUNT { $p }",
  "PFMERGE $p { $p }",
  "PFDEBUG ( ENCODING | DECODE | TODENSE ) $p",
  "GET $p",
];

const LIST_COMMANDS = [
  "RPUSH $l { $element }",
  "LPUSH $l { $element }",
  "RPUSH $l { $element $element $element }",
  "RPUSHX $l { $element }",
  "LPUSHX $l { $element }",
  "LPOP $l [ $count ]",
  "RPOP $l [ $count ]",
  "LLEN $l",
  "LINDEX $l $index",
  "LSET $l $index $element",
  "LINSERT $l ( BEFORE | AFTER ) $element $element",
  "LRANGE $l $index $index",
  "LTRIM $l $index $index",
  "LREM $l $smallInteger $element",
  "LPOS $l $element [ RANK $smallInteger ] [ COUNT $count ] [ MAXLEN $count ]",
  "LMOVE $l $l ( LEFT | RIGHT ) ( LEFT | RIGHT )",
  "RPOPLPUSH $l $l",
  "LMPOP $lists ( LEFT | RIGHT ) [ COUNT $count ]",
  "SORT $l [ ALPHA ] [ LIMIT $count $count ] [ ( ASC | DESC ) ] [ STORE $l ]",
  "SORT $l ALPHA BY w* [ GET # ] [ GET w* ] [ GET h1->* ] [ DESC ]",
  "SORT_RO $z [ ALPHA ] [ DESC ]",
];

/** Long lists whose elements are alike, so that their nodes are kept in another form; edits all over. */
const LONG_LIST_COMMANDS = [
  "RPUSH $L $lines",
  "LPUSH $L $lines",
  "RPUSH $L $lines",
  "RPUSH $L { $line }",
  "LPOP $L [ $count ]",
  "RPOP $L [ $count ]",
  "LINDEX $L $far",
  "LSET $L $far $line",
  "LSET $L $far $element",
  "LINSERT $L ( BEFORE | AFTER ) $line $line",
  "LINSERT $L ( BEFORE | AFTER ) $line $element",
  "LRANGE $L $far $far",
  "LREM $L $smallInteger $line",
  "LPOS $L $line [ RANK $smallInteger ] [ COUNT $count ] [ MAXLEN $far ]",
  "LMOVE $L $L ( LEFT | RIGHT ) ( LEFT | RIGHT )",
  "LTRIM $L $count $far",
  "LMPOP 1 $L ( LEFT | RIGHT ) COUNT $far",
  "SORT $L ALPHA LIMIT $count $count [ DESC ]",
  "SORT $L BY nosort [ LIMIT $count $count ] [ DESC ] [ STORE $L ]",
  "COPY $L $L REPLACE",
  "OBJECT ENCODING $L",
];

const HASH_COMMANDS = [
  "HSET $h { $field $v }",
  "HSET $h { $field $v $field $v $field $v }",
  "HMSET $h { $field $v }",
  "HSETNX $h $field $v",
  "HGET $h $field",
  "HMGET $h { $field }",
  "HDEL $h { $field }",
  "HLEN $h",
  "HEXISTS $h $field",
  "HSTRLEN $h $field",
  "HGETALL $h",
  "HKEYS $h",
  "HVALS $h",
  "HINCRBY $h $field $integer",
  "HINCRBYFLOAT $h $field $float",
  "HRANDFIELD $h [ $count [ WITHVALUES ] ]",
  "HSCAN $h 0 [ MATCH $pattern ] COUNT 100000",
];

const SET_COMMANDS = [
  "SADD $S { $member }",
  "SADD $S { $smallInteger }",
  "SADD $S { $member $member $smallInteger }",
  "SREM $S { $member }",
  "SREM $S { $smallInteger }",
  "SCARD $S",
  "SISMEMBER $S $member",
  "SMISMEMBER $S { $member }",
  "SMEMBERS $S",
  "SMOVE $S $S $member",
  "SRANDMEMBER $S [ $count ]",
  "SPOP $S 100000",
  "SINTER { $S }",
  "SUNION { $S }",
  "SDIFF { $S }",
  "SINTERSTORE $S { $S }",
  "SUNIONSTORE $S { $S }",
  "SDIFFSTORE $S { $S }",
  "SINTERCARD $sets [ LIMIT $count ]",
  "SSCAN $S 0 [ MATCH $pattern ] COUNT 100000",
  "SORT $S [ ALPHA ] [ DESC ] [ STORE $l ]",
];

const ZSET_COMMANDS = [
  "ZADD $z { $score $member }",
  "ZADD $z { $score $member $score $member $score $member }",
  "ZADD $z [ ( NX | XX ) ] [ ( GT | LT ) ] [ CH ] [ INCR ] { $score $member }",
  "ZINCRBY $z $score $member",
  "ZREM $z { $member }",
  "ZCARD $z",
  "ZSCORE $z $member",
  "ZMSCORE $z { $member }",
  "ZRANK $z $member",
  "ZREVRANK $z $member",
  "ZCOUNT $z $bound $bound",
  "ZRANGE $z $index $index [ REV ] [ WITHSCORES ]",
  "ZRANGE $z $bound $bound BYSCORE [ REV ] [ LIMIT $smallInteger $smallInteger ] [ WITHSCORES ]",
  "ZREVRANGE $z $index $index [ WITHSCORES ]",
  "ZRANGEBYSCORE $z $bound $bound [ WITHSCORES ] [ LIMIT $smallInteger $smallInteger ]",
  "ZREVRANGEBYSCORE $z $bound $bound [ WITHSCORES ] [ LIMIT $smallInteger $smallInteger ]",
  "ZRANGESTORE $z $z $index $index [ REV ]",
  "ZRANGESTORE $z $z $bound $bound BYSCORE [ REV ] [ LIMIT $count $count ]",
  "ZREMRANGEBYRANK $z $index $index",
  "ZREMRANGEBYSCORE $z $bound $bound",
  "ZPOPMIN $z [ $count ]",
  "ZPOPMAX $z [ $count ]",
  "ZMPOP $sortedSets ( MIN | MAX ) [ COUNT $count ]",
  "ZUNION $sortedSets [ AGGREGATE ( SUM | MIN | MAX ) ] [ WITHSCORES ]",
  "ZINTER $sortedSets [ AGGREGATE ( SUM | MIN | MAX ) ] [ WITHSCORES ]",
  "ZDIFF $sortedSets [ WITHSCORES ]",
  "ZUNION 2 $z $S WEIGHTS $weight $weight [ WITHSCORES ]",
  "ZUNIONSTORE $z $sortedSets [ AGGREGATE ( SUM | MIN | MAX ) ]",
  "ZUNIONSTORE $z 2 $z $S WEIGHTS $weight $weight",
  "ZINTERSTORE $z $sortedSets [ AGGREGATE ( SUM | MIN | MAX ) ]",
  "ZINTERSTORE $z 2 $S $z WEIGHTS $weight $weight",
  "ZDIFFSTORE $z $sortedSets",
  "ZINTERCARD $sortedSets [ LIMIT $count ]",
  "ZRANDMEMBER $z [ $count [ WITHSCORES ] ]",
  "ZSCAN $z 0 [ MATCH $pattern ] COUNT 100000",
  "GEOADD $g [ ( NX | XX ) ] [ CH ] { $longitude $latitude $member }",
  "GEOPOS $g { $member }",
  "GEOHASH $g { $member }",
  "GEODIST $g $member $member [ ( m | km | ft | mi ) ]",
  "GEOSEARCH $g ( FROMMEMBER $member | FROMLONLAT $longitude $latitude ) ( BYRADIUS $distance km | BYBOX $distance $distance km ) ( ASC | DESC ) [ COUNT $positive ] [ WITHCOORD ] [ WITHDIST ] [ WITHHASH ]",
  "GEOSEARCHSTORE $g $g FROMLONLAT $longitude $latitude BYRADIUS $distance km ASC [ STOREDIST ]",
  "GEORADIUS $g $longitude $latitude $distance km [ WITHCOORD ] [ WITHDIST ] ( ASC | DESC )",
  "GEORADIUSBYMEMBER_RO $g $member $distance km ( ASC | DESC )",
];

/** Ranges by member mean nothing unless all scores are equal, so these keys are never mixed with others. */
const LEX_COMMANDS = [
  "SORT_RO $q BY nosort [ LIMIT $count $count ] [ DESC ]",
  "ZADD $q { 0 $member }",
  "ZADD $q { 0 $member 0 $member 0 $member 0 $member }",
  "ZREM $q { $member }",
  "DEL $q",
  "ZLEXCOUNT $q $lexBound $lexBound",
  "ZRANGE $q $lexBound $lexBound BYLEX [ REV ] [ LIMIT $smallInteger $smallInteger ]",
  "ZRANGEBYLEX $q $lexBound $lexBound [ LIMIT $smallInteger $smallInteger ]",
  "ZREVRANGEBYLEX $q $lexBound $lexBound [ LIMIT $smallInteger $smallInteger ]",
  "ZREMRANGEBYLEX $q $lexBound $lexBound",
];

const STREAM_COMMANDS = [
  "XADD $x $newId { $field $v }",
  "XADD $x $newId { $field $v }",
  "XADD $x [ NOMKSTREAM ] [ ( MAXLEN | MAXLEN = | MAXLEN ~ ) $count ] $newId { $field $v }",
  "XADD $x $id { $field $v }",
  "XLEN $x",
  "XRANGE $x $rangeId $rangeId [ COUNT $count ]",
  "XREVRANGE $x $rangeId $rangeId [ COUNT $count ]",
  "XDEL $x { $id }",
  "XTRIM $x ( MAXLEN | MAXLEN ~ ) $count",
  "XTRIM $x ( MINID | MINID ~ ) $id",
  "XREAD [ COUNT $count ] STREAMS $x $x $id $id",
  "XSETID $x $laterId",
  "XGROUP CREATE $x $group ( 0 | $ | $id ) [ MKSTREAM ]",
  "XGROUP DESTROY $x $group",
  "XGROUP SETID $x $group $id",
  "XGROUP CREATECONSUMER $x $group $consumer",
  "XGROUP DELCONSUMER $x $group $consumer",
  "XREADGROUP GROUP $group $consumer [ COUNT $positive ] [ NOACK ] STREAMS $x >",
  "XREADGROUP GROUP $group $consumer STREAMS $x $id",
  "XACK $x $group { $id }",
  "XPENDING $x $group",
  "XPENDING $x $group $rangeId $rangeId $count [ $consumer ]",
  "XCLAIM $x $group $consumer 0 { $id } [ FORCE ] [ JUSTID ] [ RETRYCOUNT $count ]",
  "XAUTOCLAIM $x $group $consumer 0 $id [ COUNT $positive ] [ JUSTID ]",
  "XINFO STREAM $x",
  "XINFO GROUPS $x",
];

const GENERIC_COMMANDS = [
  "DEL { $key }",
  "DEL $key",
  "UNLINK { $key }",
  "EXISTS { $key }",
  "TOUCH { $key }",
  "TYPE $key",
  "OBJECT ENCODING $key",
  "RENAME $key $key",
  "RENAMENX $key $key",
  "COPY $key $key [ DB ( 0 | 1 ) ] [ REPLACE ]",
  "MOVE $key ( 0 | 1 )",
  "SELECT ( 0 | 0 | 0 | 1 )",
  "KEYS $pattern",
  "SCAN 0 [ MATCH $pattern ] [ TYPE $type ] COUNT 100000",
  "DBSIZE",
  "EXPIREAT $key $seconds [ ( NX | XX | GT | LT ) ]",
  "PEXPIREAT $key $ms [ ( NX | XX | GT | LT ) ]",
  "EXPIREAT $key 1",
  "EXPIRETIME $key",
  "PEXPIRETIME $key",
  "PERSIST $key",
  "WATCH $key",
  "UNWATCH",
  "ECHO $v",
  "SWAPDB 0 1",
];

/** What came with 7.4: fields of hashes that expire. */
const FIELD_EXPIRY_COMMANDS = [
  "HSET $h { $field $v }",
  "HEXPIREAT $h $seconds [ ( NX | XX | GT | LT ) ] FIELDS $fields",
  "HEXPIREAT $h $seconds FIELDS $fields",
  "HPEXPIREAT $h $ms [ ( NX | XX | GT | LT ) ] FIELDS $fields",
  "HPEXPIREAT $h $ms FIELDS $fields",
  "HEXPIREAT $h 1 [ ( NX | XX | GT | LT ) ] FIELDS $fields",
  "HPEXPIRE $h 0 FIELDS $fields",
  "HEXPIRE $h 0 [ ( NX | XX | GT | LT ) ] FIELDS $fields",
  "HPERSIST $h FIELDS $fields",
  "HTTL $h FIELDS $fields",
  "HPTTL $h FIELDS $fields",
  "HEXPIRETIME $h FIELDS $fields",
  "HPEXPIRETIME $h FIELDS $fields",
  "HSCAN $h 0 [ MATCH $pattern ] COUNT 100000 [ NOVALUES ]",
  "HGETALL $h",
  "HDEL $h { $field }",
  "HINCRBY $h $field $integer",
  "HINCRBYFLOAT $h $field $float",
  "COPY $h $h [ REPLACE ]",
  "DUMP $h",
];

/** What is new since 7.0, or differs in many ways since then. */
const NEWER_COMMANDS = [
  "ZRANK $z $member [ WITHSCORE ]",
  "ZREVRANK $z $member [ WITHSCORE ]",
  "LREM $l $integer $element",
  "XSETID $x $id [ ENTRIESADDED $count ] [ MAXDELETEDID $id ]",
  "XREAD [ COUNT $count ] STREAMS $x $x + $id",
  "XREADGROUP GROUP $group $consumer STREAMS $x +",
  "XINFO STREAM $x FULL [ COUNT $count ]",
  "XINFO CONSUMERS $x $group",
  "XADD $x [ NOMKSTREAM ] ( MAXLEN ~ $count | MINID ~ $id | MINID $id ) [ LIMIT $count ] $newId { $field $v }",
  "XTRIM $x ( MAXLEN ~ $count | MINID ~ $id ) [ LIMIT $count ]",
  "XGROUP CREATE $x $group $id [ ENTRIESREAD $smallInteger ]",
  "XGROUP SETID $x $group $id [ ENTRIESREAD $smallInteger ]",
  "XCLAIM $x $group $consumer 0 { $id } [ LASTID $id ] [ IDLE $count ] [ TIME $ms ] [ JUSTID ]",
  "SCAN 0 [ MATCH $pattern ] TYPE $type COUNT 100000",
  "DUMP $key",
  "DUMP $L",
  "DEBUG DIGEST-VALUE $L",
  "DEBUG DIGEST-VALUE { $key }",
  "TTL $key",
  "PTTL $key",
  "COMMAND GETKEYS $command",
  "COMMAND GETKEYSANDFLAGS $command",
  "GEORADIUS $g $longitude $latitude $distance km STORE $z",
  "GEORADIUSBYMEMBER $g $member $distance km [ ASC ] STORE $z",
  "GEOSEARCHSTORE $g $g ( FROMMEMBER $member | FROMLONLAT $longitude $latitude ) BYBOX $distance $distance km",
  "LPOS $l $element [ RANK $integer ] [ COUNT $count ] [ MAXLEN $count ]",
  "BITCOUNT $b $index",
  "BITPOS $b ( 0 | 1 ) $index $index BIT",
  "SETRANGE $b $bit $v",
  "SORT $h BY nosort",
];

/** Only sent inside transactions, where they never wait. */
const BLOCKING_COMMANDS = [
  "BLPOP { $l } 0",
  "BRPOP { $l } 0",
  "BLMOVE $l $l ( LEFT | RIGHT ) ( LEFT | RIGHT ) 0",
  "BRPOPLPUSH $l $l 0",
  "BLMPOP 0 $lists ( LEFT | RIGHT ) [ COUNT $count ]",
  "BZPOPMIN { $z } 0",
  "BZPOPMAX { $z } 0",
  "BZMPOP 0 $sortedSets ( MIN | MAX ) [ COUNT $count ]",
  "XREAD BLOCK 0 STREAMS $x $",
];

const MEMBERS = [
  ..."abcdefghijklmnopqrstuvwxyz".split("").map((letter) => `m${letter}`),
  "",
  "7",
  "-3",
  "007",
  "12345678901",
  // Not first: SORT ALPHA sees what is before the zero.
  "\xff\r\n\0",
  "a-member-longer-than-the-limit-of-packed-ones",
];
/** What takes the place of an argument now and then. No small positive number: it may be a time. */
const ODD_ARGUMENTS = [
  "",
  "abc",
  "-1",
  "0",
  "1.5",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "nan",
  "inf",
  "+",
  "-",
  "(1",
  "[a",
  "WITHSCORES",
  "LIMIT",
  "COUNT",
  "GET",
  "NX",
  "GT",
  "\x01",
];
/**
 * A changed argument could make these pop at random, wait, be what only 7.4 knows, or (LSET with an index above
 * 32 bits) what 7.4 does by mistake.
 */
const UNCHANGED_COMMANDS: ReadonlySet<string> = new Set([
  "SPOP",
  "MULTI",
  "EXEC",
  "DISCARD",
  "LREM",
  "LSET",
  "XSETID",
  "ZRANK",
  "ZREVRANK",
]);

/**
 * A changed argument could make these pop at random, end the transaction, or (LSET with an index beyond
 * 32 bits, of which Redis takes only those) change another element.
 */
const UNCHANGED_IN_7_4: ReadonlySet<string> = new Set(["SPOP", "MULTI", "EXEC", "DISCARD", "LSET"]);

const LEX_KEY = /^q\d$/;

type Part = (output: string[]) => void;

export class CommandSource {
  readonly #random: Random;
  readonly #isNewer: boolean;
  /** Types of keys that may stand where another type is meant. */
  readonly #strayTypes: readonly string[];
  readonly #families: Part[][];
  readonly #blocking: Part[];
  #newestMs = 1;

  /** `isNewer`: both servers know what Redis 7.4 knows, and answer to the last digit. */
  constructor(random: Random, isNewer = false) {
    // The last digit of a distance is the C library's.
    const exact = (template: string): string =>
      isNewer ? template.replace(" [ STOREDIST ]", "") : template;
    this.#random = random;
    this.#isNewer = isNewer;
    // A patched 7.0 refuses what 7.4 takes behind the registers of a HyperLogLog.
    this.#strayTypes = isNewer ? TYPES : TYPES.filter((type) => type !== "p");
    this.#families = [
      STRING_COMMANDS,
      LIST_COMMANDS,
      LONG_LIST_COMMANDS,
      HASH_COMMANDS,
      SET_COMMANDS,
      ZSET_COMMANDS,
      LEX_COMMANDS,
      STREAM_COMMANDS,
      GENERIC_COMMANDS,
      ...(isNewer ? [FIELD_EXPIRY_COMMANDS, NEWER_COMMANDS] : []),
    ].map((templates) => templates.map((template) => this.#compile(exact(template))));
    this.#blocking = BLOCKING_COMMANDS.map((template) => this.#compile(template));
  }

  /** The next command, or a whole transaction. */
  next(): Words[] {
    const random = this.#random;
    if (!random.chance(TRANSACTION_PERCENT)) return [this.#command()];
    const words: Words[] = [["MULTI"]];
    for (let i = random.below(6); i > 0; i--) {
      const part = random.pick(this.#blocking);
      words.push(random.chance(20) ? this.#expand(part) : this.#command());
    }
    words.push([random.chance(90) ? "EXEC" : "DISCARD"]);
    return words;
  }

  #command(): Words {
    return this.#mutate(this.#expand(this.#random.pick(this.#random.pick(this.#families))));
  }

  #expand(part: Part): string[] {
    const output: string[] = [];
    part(output);
    return output;
  }

  #mutate(words: string[]): Words {
    const random = this.#random;
    const unchanged = this.#isNewer ? UNCHANGED_IN_7_4 : UNCHANGED_COMMANDS;
    if (unchanged.has(words[0]) || LEX_KEY.test(words[1])) return words;
    if (random.chance(OTHER_CASE_PERCENT)) words[0] = words[0].toLowerCase();
    if (!random.chance(MUTATION_PERCENT)) return words;
    const at = random.between(1, words.length);
    switch (random.below(4)) {
      case 0:
        words.splice(at, 1);
        break;
      case 1:
        words.splice(at, 0, random.pick(ODD_ARGUMENTS));
        break;
      case 2:
        words.splice(at, 0, words[random.below(words.length)]);
        break;
      default:
        words.splice(at, 1, random.pick(ODD_ARGUMENTS));
    }
    return words;
  }

  /** A template as what draws it. */
  #compile(template: string): Part {
    const tokens = template.split(" ");
    const part = this.#sequence(tokens);
    if (tokens.length > 0) throw new Error(`template: ${template}`);
    return part;
  }

  /** Takes tokens up to one that closes a group. */
  #sequence(tokens: string[]): Part {
    const parts: Part[] = [];
    while (tokens.length > 0 && !["]", "}", ")", "|"].includes(tokens[0])) {
      parts.push(this.#part(tokens));
    }
    return (output) => {
      for (const part of parts) part(output);
    };
  }

  #part(tokens: string[]): Part {
    const random = this.#random;
    const token = tokens.shift() as string;
    if (token === "[") {
      const inner = this.#sequence(tokens);
      tokens.shift();
      return (output) => {
        if (random.chance(50)) inner(output);
      };
    }
    if (token === "{") {
      const inner = this.#sequence(tokens);
      tokens.shift();
      return (output) => {
        for (let i = random.between(1, 4); i > 0; i--) inner(output);
      };
    }
    if (token === "(") {
      const choices = [this.#sequence(tokens)];
      while (tokens.shift() === "|") choices.push(this.#sequence(tokens));
      return (output) => random.pick(choices)(output);
    }
    if (token.length > 1 && token.startsWith("$")) {
      const name = token.slice(1);
      return (output) => {
        output.push(...this.#value(name));
      };
    }
    return (output) => {
      output.push(token);
    };
  }

  #key(type: string): string {
    const random = this.#random;
    const prefix =
      type !== LEX_TYPE && random.chance(OTHER_TYPE_PERCENT) ? random.pick(this.#strayTypes) : type;
    return `${prefix}${random.below(KEYS_PER_TYPE)}`;
  }

  /** A number of keys and the keys. */
  #keys(types: readonly string[]): string[] {
    const count = this.#random.between(1, 3);
    return [
      String(count),
      ...Array.from({ length: count }, () => this.#key(this.#random.pick(types))),
    ];
  }

  /** An element of a long list, with few of another kind. */
  #line(isText: boolean): string {
    const random = this.#random;
    if (random.chance(2)) return random.pick(MEMBERS);
    return isText ? `n:${random.between(100, 160)}` : String(random.between(1000, 1060));
  }

  /** A number of fields and the fields; now and then the number is another. */
  #fields(): string[] {
    const random = this.#random;
    const count = random.between(1, 4);
    const counted = random.chance(96) ? count : random.between(-1, 6);
    const fields = Array.from({ length: count }, () => this.#value("field")[0]);
    return [String(counted), ...fields];
  }

  /** A value of the sort; a few are several words. */
  #value(name: string): string[] {
    const random = this.#random;
    switch (name) {
      case "key":
        return [this.#key(random.pick(TYPES))];
      case "lists":
        return this.#keys(["l"]);
      case "sets":
        return this.#keys(["S"]);
      case "sortedSets":
        return this.#keys(["z", "z", "S"]);
      case "v":
      case "element":
        return [random.chance(30) ? String(random.between(-200, 200)) : random.pick(MEMBERS)];
      case "L":
        return [`L${random.below(2)}`];
      case "line":
        return [this.#line(random.chance(50))];
      case "lines": {
        const isText = random.chance(50);
        return Array.from({ length: 25 }, () => this.#line(isText));
      }
      case "far":
        return [String(random.between(-60, 300))];
      case "member":
        return [random.pick(MEMBERS)];
      case "many":
        return Array.from({ length: 20 }, () => `e${random.below(5000)}`);
      case "field":
        return [random.chance(80) ? `f${random.below(24)}` : random.pick(MEMBERS)];
      case "fields":
        return this.#fields();
      case "command":
        return [...this.#expand(random.pick(random.pick(this.#families)))];
      case "count":
        return [String(random.below(7))];
      case "positive":
        return [String(random.between(1, 6))];
      case "index":
        return [String(random.between(-14, 14))];
      case "smallInteger":
        return [String(random.between(-9, 15))];
      case "integer":
        return [random.chance(90) ? String(random.between(-300, 300)) : random.pick(ODD_ARGUMENTS)];
      case "float":
        return [random.pick(["0.1", "-2.5", "1e3", "3", "0.0000001", "1e17", "-1e-5", "5.0e0"])];
      case "score":
        return [
          random.chance(90)
            ? String(random.between(-16, 16) / 4)
            : random.pick(["inf", "-inf", "0.1", "1e20", "-0", "1e-9", "9007199254740993"]),
        ];
      case "weight":
        return [random.pick(["0", "1", "2", "-1", "0.5", "inf"])];
      case "bound":
        return [
          random.chance(15)
            ? random.pick(["-inf", "+inf", "(-inf", "inf"])
            : `${random.chance(30) ? "(" : ""}${random.between(-16, 16) / 4}`,
        ];
      case "lexBound":
        return [
          random.chance(30)
            ? random.pick(["-", "+"])
            : random.pick(["[", "("]) + random.pick(MEMBERS),
        ];
      case "bit":
        return [String(random.below(random.chance(90) ? 100 : 3000))];
      case "width":
        return [random.pick(["u1", "u8", "u5", "u63", "i8", "i64", "i5", "i16", "u64", "i65"])];
      case "place":
        return [random.chance(50) ? String(random.below(80)) : `#${random.below(10)}`];
      case "longitude":
        return [String(random.between(-720, 720) / 4)];
      case "latitude":
        return [String(random.between(-340, 340) / 4)];
      case "distance":
        return [String(random.between(1, 40) * 250)];
      case "pattern":
        return [random.pick(["*", "m*", "[sl]?", "*1", "f1*", "m[a-f]", "[^m]*", "\\m?", "S0"])];
      case "type":
        return [random.pick(["string", "list", "hash", "set", "zset", "stream", "none"])];
      case "seconds":
        return [String(random.between(20_000_000_000, 20_000_000_020))];
      case "ms":
        return [String(random.between(20_000_000_000_000, 20_000_000_020_000))];
      case "newId":
        this.#newestMs += random.below(3);
        return [`${this.#newestMs}-${random.pick(["*", "1", "2"])}`];
      case "laterId":
        // 7.0 lets XSETID go back behind what was deleted. An entry may have been one millisecond ahead.
        this.#newestMs += random.between(2, 3);
        return [`${this.#newestMs}-1`];
      case "id":
        return [`${random.below(this.#newestMs + 2)}${random.pick(["", "-0", "-1", "-2"])}`];
      case "rangeId":
        return [
          random.chance(40)
            ? random.pick(["-", "+"])
            : `${random.chance(20) ? "(" : ""}${random.below(this.#newestMs + 2)}-${random.below(3)}`,
        ];
      case "group":
        return [`g${random.below(2)}`];
      case "consumer":
        return [`c${random.below(3)}`];
      default:
        if (!TYPES.includes(name) && name !== LEX_TYPE)
          throw new Error(`template: no sort of values named ${name}`);
        return [this.#key(name)];
    }
  }
}

/** Commands that wait unless they are in a transaction. */
export function mayBlock(words: Words): boolean {
  const name = words[0].toUpperCase();
  return (
    /^B[LRZ]M?(?:POP|MOVE)/.test(name) || (name.startsWith("XREAD") && words.includes("BLOCK"))
  );
}
