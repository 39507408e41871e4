-- Grants that Postgres has not confirmed to have seen. ARGV: ids.
-- Reply: epoch or ''; '1' if the shard is sure to have everything of it, else '0'; the time in ms; then each grant or ''.
-- It asks for no epoch: whoever persists them is told by Postgres what they are still worth.
local epoch = redis.call('HGET', META, 'written-in')
local reply = { epoch or '', epoch and is_open(epoch) and '1' or '0', string.format('%.0f', now_ms()) }
for at = 1, #ARGV do reply[#reply + 1] = redis.call('HGET', GRANTS, ARGV[at]) or '' end
return reply
