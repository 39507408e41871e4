-- Takes free units out, for Postgres. What has been returned in all is kept, so that nothing is lost on the way.
-- ARGV: epoch, then of each level: level, units at most.
-- Reply: 'closed'; or 'open', '1' if a deadline has passed, else '0', then of each level: free, allotted total, returned total.
if not is_open(ARGV[1]) then return { 'closed' } end
local overdue = redis.call('ZCOUNT', DEADLINES, '-inf', string.format('%.0f', now_ms()))
local reply = { 'open', overdue > 0 and '1' or '0' }
for at = 2, #ARGV, 2 do
  local level = ARGV[at]
  local free = tonumber(redis.call('HGET', FREE, level) or '0')
  local units = math.min(free, tonumber(ARGV[at + 1]))
  if units > 0 then
    redis.call('HINCRBY', FREE, level, string.format('%.0f', -units))
    redis.call('HINCRBY', TOTALS, 'returned:' .. level, string.format('%.0f', units))
  end
  reply[#reply + 1] = string.format('%.0f', free - math.max(units, 0))
  reply[#reply + 1] = redis.call('HGET', TOTALS, 'allotted:' .. level) or '0'
  reply[#reply + 1] = redis.call('HGET', TOTALS, 'returned:' .. level) or '0'
end
return reply
