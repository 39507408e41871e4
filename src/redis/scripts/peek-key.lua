-- What a key has made here that Postgres is not known to have seen. ARGV: digest. Reply: epoch or '', id or '', grant or ''.
local id = redis.call('HGET', CLAIMS, ARGV[1])
return { redis.call('HGET', META, 'written-in') or '', id or '', id and redis.call('HGET', GRANTS, id) or '' }
