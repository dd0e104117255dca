-- KEYS: a counter, one for each client. ARGV: how many requests are allowed in a window, the window in
-- seconds. Answers 1 when this request is allowed, 0 when it is one too many. One round trip.
--
-- The window begins with its first request. Counting and the expiry are one unit: no counter is left
-- without an end.
local count = redis.call("INCR", KEYS[1])
if count == 1 then
  redis.call("EXPIRE", KEYS[1], ARGV[2])
end
if count > tonumber(ARGV[1]) then
  return 0
end
return 1
