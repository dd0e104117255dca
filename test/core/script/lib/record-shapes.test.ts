// Documents of many records: decoded tables must be laid out as if their fields had been stored one by
// one, which the order of `pairs` and later stores show.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runFast } from "../../../support/lua-modes.ts";

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("id", "name", "a", "b", "score", "tags", "x1", "x2") },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{1,16}$/) },
);
const record = fc.array(key, { maxLength: 9 });

/** Lists every table's keys in the order of `pairs`, before and after two more stores. */
const WALK = `
  local function order(t)
    local keys = {}
    for k in pairs(t) do keys[#keys + 1] = tostring(k) end
    return table.concat(keys, ",")
  end
  local function walk(t)
    local all = order(t)
    t.one, t.two = 1, 2
    return all .. "|" .. order(t)
  end`;

describe("records", () => {
  it("are what storing their fields gives", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (shapes) => {
        // Every shape comes twice and more, so that the second time it is known.
        const records = [...shapes, ...shapes, shapes[0]];
        const json = `[${records
          .map((keys) => `{${keys.map((name, i) => `"${name}":${i}`).join(",")}}`)
          .join(",")}]`;
        const stored = records
          .map(
            (keys) =>
              `(function() local t = {} ${keys.map((name, i) => `t["${name}"] = ${i} `).join("")} return t end)()`,
          )
          .join(",\n");
        const source = `${WALK}
          local decoded, stored = cjson.decode('${json}'), {${stored}}
          local packed = cmsgpack.unpack(cmsgpack.pack(decoded))
          for i = 1, #stored do
            local fields = {}
            for k, v in pairs(stored[i]) do
              if decoded[i][k] ~= v or packed[i][k] ~= v then return "value", i, k end
            end
            local expected = walk(stored[i])
            if walk(decoded[i]) ~= expected then return i, walk(decoded[i]), expected end
          end
          return "same", #decoded == #stored`;
        expect(runFast(source).ended, source).toBe("returned same true");
      }),
      { numRuns: 150 },
    );
  });

  it("may hold nil and other keys in MessagePack", () => {
    const source = `
      local bytes = "\\131\\161a\\001\\161b\\192\\161c\\003" -- a = 1, b = nil, c = 3
      local mixed = "\\131\\161a\\001\\005\\002\\161c\\003" -- a = 1, [5] = 2, c = 3
      local list = "\\147\\001\\192\\003" -- 1, nil, 3
      local twice = "\\130\\161a\\001\\161a\\002"
      local r = {}
      for _, each in ipairs({bytes, mixed, list, twice, bytes, mixed, list, twice}) do
        local t = cmsgpack.unpack(each)
        local keys = {}
        for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. "=" .. tostring(v) end
        table.sort(keys)
        r[#r + 1] = #t .. ":" .. table.concat(keys, ",")
      end
      return table.concat(r, " ")`;
    expect(runFast(source).ended).toBe(
      `returned ${["0:a=1,c=3 0:5=2,a=1,c=3 1:1=1,3=3 0:a=2"].flatMap((all) => [all, all]).join(" ")}`,
    );
  });

  it("may have very long keys", () => {
    const source = `
      local key = ("k"):rep(300000)
      local json = '[{"' .. key .. '":1},{"' .. key .. '":2}]'
      local t = cjson.decode(json)
      return t[1][key], t[2][key]`;
    expect(runFast(source).ended).toBe("returned 1 2");
  });

  it("fail at the same place as before", () => {
    const nilKey = runFast('local t = cmsgpack.unpack("\\130\\161a\\001\\192\\002")');
    expect(nilKey.ended).toBe("raised table index is nil at @test:1");
    const truncated = runFast('return cmsgpack.unpack("\\131\\161a\\001\\161b")');
    expect(truncated.ended).toBe("raised test:1: Missing bytes in input. at @test:1");
  });
});
