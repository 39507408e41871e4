-- Begins an epoch, with nothing in it. Whoever calls this has drained what was there, and closed it in Postgres.
-- ARGV: epoch. Reply: 'opened'; 'later' when this epoch, or a later one, has begun already; 'open' when it is not fenced.
local written_in = tonumber(redis.call('HGET', META, 'written-in') or '0')
if written_in >= tonumber(ARGV[1]) then return { 'later' } end
if redis.call('HEXISTS', META, 'epoch') == 1 then return { 'open' } end
redis.call('DEL', META, FREE, TOTALS, GRANTS, DEADLINES, CLAIMS, ELSEWHERE, REFUSED, STREAM)
redis.call('HSET', META, 'epoch', ARGV[1], 'written-in', ARGV[1], 'incarnation', incarnation())
redis.call('XGROUP', 'CREATE', STREAM, GROUP, '0', 'MKSTREAM')
return { 'opened' }
