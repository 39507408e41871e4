-- Moves an entry that cannot be persisted out of the way, with a copy of what it is about, which outlives the epoch.
-- ARGV: entry, reason, epoch, grants as JSON, then the ids of these grants, whose deadlines nobody needs to meet again.
redis.call('XADD', DEAD, '*', 'entry', ARGV[1], 'reason', ARGV[2], 'epoch', ARGV[3], 'grants', ARGV[4])
redis.call('XACK', STREAM, GROUP, ARGV[1])
redis.call('XDEL', STREAM, ARGV[1])
for at = 5, #ARGV do redis.call('ZREM', DEADLINES, ARGV[at]) end
return { 'buried' }
