-- All that a shard has, at one instant. ARGV: epoch, grants at most.
-- Reply: 'closed'; or 'open', live grants; and where these are not too many: levels that it knows of, of each: level, free,
-- allotted total, returned total; then of each grant: id, grant.
if not is_open(ARGV[1]) then return { 'closed' } end
local grants = redis.call('HLEN', GRANTS)
local reply = { 'open', tostring(grants) }
if grants > tonumber(ARGV[2]) then return reply end
local known, levels = {}, {}
local function learn(level)
  if not known[level] then
    known[level] = true
    levels[#levels + 1] = level
  end
end
for _, level in ipairs(redis.call('HKEYS', FREE)) do learn(level) end
for _, name in ipairs(redis.call('HKEYS', TOTALS)) do learn(string.match(name, '%d+')) end
reply[#reply + 1] = tostring(#levels)
for _, level in ipairs(levels) do
  local totals = redis.call('HMGET', TOTALS, 'allotted:' .. level, 'returned:' .. level)
  reply[#reply + 1] = level
  reply[#reply + 1] = redis.call('HGET', FREE, level) or '0'
  reply[#reply + 1] = totals[1] or '0'
  reply[#reply + 1] = totals[2] or '0'
end
for _, text in ipairs(redis.call('HGETALL', GRANTS)) do reply[#reply + 1] = text end
return reply
