-- Adds what Postgres has allotted. Totals only grow, so saying one twice, or an old one, changes nothing.
-- ARGV: epoch, then of each level: level, allotted total.
-- Reply: 'closed'; or 'open', then of each level: free units, '1' if Postgres has just recalled it, else '0'.
if not is_open(ARGV[1]) then return { 'closed' } end
-- Time for whoever recalled to get what he recalled it for. If that takes longer, he recalls again.
local RECALLED_MS = 300
local now = now_ms()
local reply = { 'open' }
for at = 2, #ARGV, 2 do
  local level, total = ARGV[at], tonumber(ARGV[at + 1])
  local totals = redis.call('HMGET', TOTALS, 'allotted:' .. level, 'recalled:' .. level)
  local added = total - tonumber(totals[1] or '0')
  if added > 0 then
    redis.call('HSET', TOTALS, 'allotted:' .. level, string.format('%.0f', total))
    redis.call('HINCRBY', FREE, level, string.format('%.0f', added))
  end
  reply[#reply + 1] = redis.call('HGET', FREE, level) or '0'
  reply[#reply + 1] = now - tonumber(totals[2] or '0') < RECALLED_MS and '1' or '0'
end
return reply
