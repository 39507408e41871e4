-- Takes all free units out, because Postgres fell short of them, and takes note of when: `top-up.lua` tells it for a while.
-- ARGV: epoch, levels. Reply: as that of `take-back.lua`.
if not is_open(ARGV[1]) then return { 'closed' } end
local now = string.format('%.0f', now_ms())
local reply = { 'open', any_overdue() }
for at = 2, #ARGV do
  local level = ARGV[at]
  local free, allotted, returned = take_back(level, math.huge)
  reply[#reply + 1] = free
  reply[#reply + 1] = allotted
  reply[#reply + 1] = returned
  -- Where there is no memory for it, there is none for more units either.
  redis.pcall('HSET', TOTALS, 'recalled:' .. level, now)
end
return reply
