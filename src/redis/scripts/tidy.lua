-- Forgets what nobody needs any more: keys that went to Postgres and requests that were given up, both long ago; and consumers
-- that have nothing to finish and have asked for nothing for so long. One that is back is known again by asking; what a consumer
-- has still to finish is taken over first, and would be lost with it. ARGV: ms. Reply: how many consumers there were.
forget_old(ELSEWHERE, ELSEWHERE_MS)
forget_old(REFUSED, REFUSED_MS)
local forgotten = 0
if redis.call('EXISTS', STREAM) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', STREAM)) do
    if group[2] == GROUP then
      for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', STREAM, GROUP)) do
        local consumer = {}
        for at = 1, #fields, 2 do consumer[fields[at]] = fields[at + 1] end
        if consumer.pending == 0 and consumer.idle >= tonumber(ARGV[1]) then
          redis.call('XGROUP', 'DELCONSUMER', STREAM, GROUP, consumer.name)
          forgotten = forgotten + 1
        end
      end
    end
  end
end
return { tostring(forgotten) }
