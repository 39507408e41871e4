-- Takes back grants that are nobody's: their units are free again. Doing it again changes nothing.
-- ARGV of each grant: id, digest of its idempotency key or ''. Reply: how many there were.
local discarded = 0
for at = 1, #ARGV, 2 do
  local id, digest = ARGV[at], ARGV[at + 1]
  local grant = redis.call('HGET', GRANTS, id)
  if grant then
    local places, record = string.match(grant, '^%d+|([^|]*)|(.*)$')
    local lines = cjson.decode(record).l
    local line = 0
    for level in string.gmatch(places, ':(%d+)') do
      line = line + 1
      redis.call('HINCRBY', FREE, level, string.format('%.0f', lines[line][2]))
    end
    redis.call('HDEL', GRANTS, id)
    redis.call('ZREM', DEADLINES, id)
    if digest ~= '' and redis.call('HGET', CLAIMS, digest) == id then redis.call('HDEL', CLAIMS, digest) end
    discarded = discarded + 1
  end
end
return { tostring(discarded) }
