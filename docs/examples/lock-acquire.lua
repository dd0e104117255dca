-- KEYS: the lock. ARGV: a token that nobody else uses, the lock's lifetime in milliseconds.
-- Answers 1 when the lock is now held with this token, 0 when somebody holds it.
if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then
  return 1
end
return 0
