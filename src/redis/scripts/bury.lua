-- Moves what cannot be persisted out of the way. ARGV: entry, reason, ids with commas ('' where there are none that
-- could be read). The grants themselves stay where they are, for a replay.
redis.call('XADD', DEAD, '*', 'entry', ARGV[1], 'reason', ARGV[2], 'ids', ARGV[3])
redis.call('XACK', STREAM, GROUP, ARGV[1])
redis.call('XDEL', STREAM, ARGV[1])
return { 'buried' }
