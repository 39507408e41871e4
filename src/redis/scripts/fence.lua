-- From now on nothing is granted here until a later epoch than that of ARGV is opened.
-- Reply: 'fenced', or 'later' when that has happened already.
if tonumber(redis.call('HGET', META, 'written-in') or '0') > tonumber(ARGV[1]) then return { 'later' } end
-- Taking away is possible without any memory left.
redis.call('HDEL', META, 'epoch')
return { 'fenced' }
