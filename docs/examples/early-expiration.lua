-- Probabilistic early expiration: a value that many ask for is computed anew by one of them shortly
-- before it expires, not by all of them right after.
--
-- KEYS: a hash with the fields value and cost, the milliseconds that computing it took; it has a TTL.
-- ARGV: beta, 1 to begin with; more means earlier.
-- Answers the value and whether the caller should compute it anew: 1 or 0. Without a value: nil, 1.
--
-- The time left is compared with cost * beta * -log(random): an exponential distribution, so that the
-- chance grows as the end comes near, and the dearer the value, the earlier. The TTL stays as it is.
local entry = redis.call("HMGET", KEYS[1], "value", "cost")
if not entry[1] then
  return { false, 1 }
end
local left = redis.call("PTTL", KEYS[1])
local margin = tonumber(entry[2]) * tonumber(ARGV[1]) * -math.log(1 - math.random())
if left >= 0 and left <= margin then
  return { entry[1], 1 }
end
return { entry[1], 0 }
