-- Forgets grants that Postgres has, and stream entries with nothing left to do. Doing it again changes nothing.
-- ARGV: number of entries, the entries, then of each grant: id, digest of its idempotency key or ''.
local entries = tonumber(ARGV[1])
for at = 2, entries + 1 do
  redis.call('XACK', STREAM, GROUP, ARGV[at])
  redis.call('XDEL', STREAM, ARGV[at])
end
for at = entries + 2, #ARGV, 2 do
  local id, digest = ARGV[at], ARGV[at + 1]
  redis.call('HDEL', GRANTS, id)
  redis.call('ZREM', DEADLINES, id)
  if digest ~= '' and redis.call('HGET', CLAIMS, digest) == id then redis.call('HDEL', CLAIMS, digest) end
end
return { 'settled' }
