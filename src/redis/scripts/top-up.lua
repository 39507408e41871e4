-- Adds what Postgres has allotted. Totals only grow, so saying one twice, or an old one, changes nothing.
-- ARGV: epoch, then of each level: level, allotted total. Reply: 'closed'; or 'open', then free units of each level.
if not is_open(ARGV[1]) then return { 'closed' } end
local reply = { 'open' }
for at = 2, #ARGV, 2 do
  local level, total = ARGV[at], tonumber(ARGV[at + 1])
  local added = total - tonumber(redis.call('HGET', TOTALS, 'allotted:' .. level) or '0')
  if added > 0 then
    redis.call('HSET', TOTALS, 'allotted:' .. level, string.format('%.0f', total))
    redis.call('HINCRBY', FREE, level, string.format('%.0f', added))
  end
  reply[#reply + 1] = redis.call('HGET', FREE, level) or '0'
end
return reply
