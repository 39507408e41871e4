-- Appends events to a stream, all of them or none, in order, and keeps the stream near its bound. Doing it again appends them
-- again: whoever reads knows them by their ids.
-- KEYS: the stream.
-- ARGV: the entries to keep, then of each event: id, type, JSON.
local stream, entries_max = KEYS[1], ARGV[1]
for at = 2, #ARGV, 3 do
  redis.call('XADD', stream, '*', 'id', ARGV[at], 'type', ARGV[at + 1], 'event', ARGV[at + 2])
end
redis.call('XTRIM', stream, 'MAXLEN', '~', entries_max)
return { 'appended' }
