-- KEYS: the lock. ARGV: the token it was acquired with.
-- Answers 1, or 0 when the lock is not held with this token any more. A plain DEL would take it away
-- from whoever acquired it after this one had run out.
if redis.call("GET", KEYS[1]) == ARGV[1] then
  return redis.call("DEL", KEYS[1])
end
return 0
