-- Of requests whose answer was lost: says what has been granted, and makes sure that the rest never will be.
-- ARGV: epoch, ids. Reply: 'closed' (nothing more is granted in that epoch); or 'open', then each grant or ''.
if not is_open(ARGV[1]) then return { 'closed' } end
local now = now_ms()
local reply = { 'open' }
forget_old(REFUSED, REFUSED_MS)
for at = 2, #ARGV do
  local grant = redis.call('HGET', GRANTS, ARGV[at])
  if not grant then redis.call('ZADD', REFUSED, string.format('%.0f', now), ARGV[at]) end
  reply[#reply + 1] = grant or ''
end
return reply
