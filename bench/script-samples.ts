// The scripts that bench/scripts.ts runs.

/** Scripts that compute and call nothing. */
export const COMPUTING: Readonly<Record<string, string>> = {
  "fill and sum a table of 10^5": `
    local t, sum = {}, 0
    for i = 1, 100000 do t[i] = i end
    for i = 1, #t do sum = sum + t[i] end
    return sum`,
  "build a string of 10^5 numbers": `
    local parts = {}
    for i = 1, 100000 do parts[#parts + 1] = i .. "," end
    return #table.concat(parts)`,
  "append to a string 20000 times": `
    local text = ""
    for i = 1, 20000 do text = text .. "x" end
    return #text`,
  "fibonacci(27)": `
    local function fibonacci(n)
      if n < 2 then return n end
      return fibonacci(n - 1) + fibonacci(n - 2)
    end
    return fibonacci(27)`,
  "gsub over 100 KB": `
    local text = string.rep("the quick brown fox ", 5000)
    local replaced, count = string.gsub(text, "(%w+) (%w+)", "%2 %1")
    return count + #replaced`,
  "gsub with a function over 100 KB": `
    local text = string.rep("the quick brown fox ", 5000)
    local replaced = string.gsub(text, "%w+", function(word) return #word > 3 and word:upper() or nil end)
    return #replaced`,
  "sort 20000 numbers": `
    local t, x = {}, 1
    for i = 1, 20000 do x = (x * 16807) % 2147483647 t[i] = x end
    table.sort(t)
    return t[1]`,
  "objects with methods, 10^5 calls": `
    local Point = {}
    Point.__index = Point
    function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
    function Point:add(other) return Point.new(self.x + other.x, self.y + other.y) end
    local sum, one = Point.new(0, 0), Point.new(1, 2)
    for i = 1, 100000 do sum = sum:add(one) end
    return sum.x + sum.y`,
  "fill and sum a table of fractions": `
    local t, sum = {}, 0
    for i = 1, 100000 do t[i] = i / 3 end
    for i = 1, #t do sum = sum + t[i] end
    return tostring(sum)`,
  "table.insert of 10^5 values": `
    local t = {}
    for i = 1, 100000 do table.insert(t, i) end
    return #t`,
  "20000 string keys": `
    local t, sum = {}, 0
    for i = 1, 20000 do t["key:" .. i] = i end
    for i = 1, 20000 do sum = sum + t["key:" .. i] end
    return sum`,
  "closures, 10^5 calls": `
    local function counter()
      local n = 0
      return function() n = n + 1 return n end
    end
    local sum = 0
    for i = 1, 10000 do
      local count = counter()
      for k = 1, 10 do sum = sum + count() end
    end
    return sum`,
  "gsub of a class by a text": `
    local replaced, count = string.rep("the quick brown fox ", 5000):gsub("%s+", "_")
    return count + #replaced`,
  "gsub with the match in the text": `
    local replaced = string.rep("the quick brown fox ", 5000):gsub("%w+", "<%0>")
    return #replaced`,
  "gsub with a table": `
    local replaced = string.rep("the quick brown fox ", 5000):gsub("%w+", {the = "a", fox = "dog"})
    return #replaced`,
  "gmatch of keys and values": `
    local n = 0
    for k, v in string.rep("key=value, ", 5000):gmatch("(%w+)=(%w+)") do n = n + #k + #v end
    return n`,
  "find in a loop": `
    local text, n, at = string.rep("the quick brown fox ", 5000), 0, 1
    while true do
      local first, last = text:find("fox", at, true)
      if not first then return n end
      n, at = n + 1, last + 1
    end`,
  "match 20000 short texts": `
    local n = 0
    for i = 1, 20000 do
      local a, b, c = ("job:" .. i .. ":payload"):match("^(%w+):(%d+):(.*)$")
      n = n + #a + #b + #c
    end
    return n`,
  "10^5 bytes one by one": `
    local text, n = string.rep("the quick brown fox ", 5000), 0
    for i = 1, #text do n = n + text:byte(i) end
    return n`,
  "10^5 characters one by one": `
    local text, n = string.rep("the quick brown fox ", 5000), 0
    for i = 1, #text do if text:sub(i, i) == " " then n = n + 1 end end
    return n`,
  "sort 20000 numbers by a comparator": `
    local t, x = {}, 1
    for i = 1, 20000 do x = (x * 16807) % 2147483647 t[i] = x end
    table.sort(t, function(a, b) return a > b end)
    return t[1]`,
  "sort 5000 texts": `
    local t, x = {}, 1
    for i = 1, 5000 do x = (x * 16807) % 2147483647 t[i] = "key:" .. x end
    table.sort(t)
    return t[1]`,
  "cjson.decode of 200 records": `
    local d = {}
    for i = 1, 200 do d[i] = {id = i, name = "user" .. i, tags = {"a", "b"}, score = i / 4} end
    local json, n = cjson.encode(d), 0
    for i = 1, 5 do n = n + #cjson.decode(json) end
    return n`,
  "cjson.encode of 200 records": `
    local d, n = {}, 0
    for i = 1, 200 do d[i] = {id = i, name = "user" .. i, tags = {"a", "b"}, score = i / 4} end
    for i = 1, 5 do n = n + #cjson.encode(d) end
    return n`,
  "cmsgpack.pack of 200 records": `
    local d, n = {}, 0
    for i = 1, 200 do d[i] = {id = i, name = "user" .. i, tags = {"a", "b"}, score = i / 4} end
    for i = 1, 5 do n = n + #cmsgpack.pack(d) end
    return n`,
  "cmsgpack.unpack of 200 records": `
    local d = {}
    for i = 1, 200 do d[i] = {id = i, name = "user" .. i, tags = {"a", "b"}, score = i / 4} end
    local bytes, n = cmsgpack.pack(d), 0
    for i = 1, 5 do n = n + #cmsgpack.unpack(bytes) end
    return n`,
  "struct, 10000 times": `
    local n = 0
    for i = 1, 10000 do
      local a, b, c = struct.unpack(">I4hs", struct.pack(">I4hs", i, i % 1000, "abc"))
      n = n + a + b + #c
    end
    return n`,
};

/** A script as there are many: some functions, tables and calls; each number makes another one. */
export function scriptOf50Lines(number: number): string {
  return `-- job queue, version ${number}
local queue = KEYS[1]
local limit = tonumber(ARGV[1])
local now = ${number}
local taken, skipped = {}, 0

local function key(...)
  return table.concat({ queue, ... }, ":")
end

local function parse(job)
  local id, priority, rest = job:match("^(%w+):(%d+):(.*)$")
  if not id then
    return nil, "malformed job " .. job
  end
  return { id = id, priority = tonumber(priority), payload = rest, at = now }
end

local function isDue(job)
  if job.priority > 5 then
    return true
  elseif job.priority > 2 then
    return job.at % 2 == 0
  end
  return false
end

local function byPriority(a, b)
  if a.priority ~= b.priority then
    return a.priority > b.priority
  end
  return a.id < b.id
end

for _, text in ipairs(redis.call("LRANGE", key("waiting"), 0, limit - 1)) do
  local job, reason = parse(text)
  if not job then
    redis.call("RPUSH", key("broken"), reason)
  elseif isDue(job) then
    taken[#taken + 1] = job
  else
    skipped = skipped + 1
  end
end
table.sort(taken, byPriority)
local ids = {}
for i, job in ipairs(taken) do
  ids[i] = job.id
  redis.call("HSET", key("taken", job.id), "payload", job.payload, "at", job.at)
end
return { #taken, skipped, table.concat(ids, ","), now }`;
}
