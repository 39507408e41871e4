-- Reply: '1' if the shard is in the epoch of ARGV[1], else '0'; its epoch or ''; live grants; entries in the stream;
-- dead letters; '1' if its group is there, else '0'; the time in ms; the oldest entry or ''; the earliest deadline in ms
-- or ''.
local has_group = '0'
if redis.call('EXISTS', STREAM) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', STREAM)) do
    if group[2] == GROUP then has_group = '1' end
  end
end
local first = redis.call('ZRANGE', DEADLINES, 0, 0, 'WITHSCORES')
local oldest = redis.call('XRANGE', STREAM, '-', '+', 'COUNT', 1)[1]
return {
  is_open(ARGV[1]) and '1' or '0', redis.call('HGET', META, 'epoch') or '',
  tostring(redis.call('HLEN', GRANTS)), tostring(redis.call('XLEN', STREAM)), tostring(redis.call('XLEN', DEAD)),
  has_group, string.format('%.0f', now_ms()), oldest and oldest[1] or '', first[2] or '',
}
