-- KEYS: the lock. ARGV: the token it was acquired with, its new lifetime in milliseconds.
-- Answers 1, or 0 when the lock is not held with this token any more: another may have it by now.
if redis.call("GET", KEYS[1]) == ARGV[1] then
  return redis.call("PEXPIRE", KEYS[1], ARGV[2])
end
return 0
