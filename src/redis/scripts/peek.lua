-- Grants that Postgres has not confirmed to have seen. ARGV: ids. Reply: epoch or '', then each grant or ''.
-- It asks for no epoch: whoever persists them is told by Postgres what they are still worth.
local reply = { redis.call('HGET', META, 'written-in') or '' }
for at = 1, #ARGV do reply[#reply + 1] = redis.call('HGET', GRANTS, ARGV[at]) or '' end
return reply
