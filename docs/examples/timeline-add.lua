-- KEYS: timelines, sorted sets of posts by time; in a cluster, of one slot.
-- ARGV: the post, its time, how many posts a timeline keeps.
-- Answers how many posts fell out. Nobody ever sees a timeline that is too long.
local trimmed = 0
for _, timeline in ipairs(KEYS) do
  redis.call("ZADD", timeline, ARGV[2], ARGV[1])
  trimmed = trimmed + redis.call("ZREMRANGEBYRANK", timeline, 0, -1 - tonumber(ARGV[3]))
end
return trimmed
