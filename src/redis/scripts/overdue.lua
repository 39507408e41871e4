-- Grants whose deadline has passed, the longest overdue first. ARGV: at most so many. Reply: epoch or '', then id and grant.
local reply = { redis.call('HGET', META, 'written-in') or '' }
local ids = redis.call('ZRANGEBYSCORE', DEADLINES, '-inf', string.format('%.0f', now_ms()), 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do
  reply[#reply + 1] = id
  reply[#reply + 1] = redis.call('HGET', GRANTS, id) or ''
end
return reply
