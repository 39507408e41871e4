-- Grants what the requests of a batch ask for, one after the other, each as a whole or not at all.
--
-- ARGV: epoch, number of requests, their ids, then of each: ttl in ms, digest of its idempotency key or '', its record,
-- number of lines, and of each line: quantity, number of candidates, and of each candidate in the order of preference: stock level, location.
-- Reply: 'closed' and nothing else; or 'open', the time, the entry of the stream or '', and for each request one of
--   'granted|<places>'   'known|<grant>' (it was granted before)   'twin|<id>|<grant>' (another has its key)
--   'short'   'elsewhere' (a request with its key went to Postgres)   'refused' (somebody gave it up)
-- and, if any was short: '1' if a deadline has passed, else '0', then of each level asked for: level, free, allotted total,
-- returned total.
-- A grant reads '<created ms>|<places>|<record>', its places '<location>:<stock level>' for each line, with commas.
-- Everything is looked at first; what follows the first write cannot fail.
if not is_open(ARGV[1]) then return { 'closed' } end

local now = now_ms()
local created = string.format('%.0f', now)
local reply = { 'open', created, '' }
local ids, grants, deadlines, claims, elsewhere = {}, {}, {}, {}, {}
local granted, claimed, free, asked = {}, {}, {}, {}
local any_refused = redis.call('ZCARD', REFUSED) > 0
local requests = tonumber(ARGV[2])
local before = redis.call('HMGET', GRANTS, unpack(ARGV, 3, 2 + requests))
local any_short = false

local function free_of(level)
  if not free[level] then
    free[level] = tonumber(redis.call('HGET', FREE, level) or '0')
    asked[#asked + 1] = level
  end
  return free[level]
end

local deadline_after = {}
local function deadline_of(ttl)
  if not deadline_after[ttl] then deadline_after[ttl] = string.format('%.0f', now + tonumber(ttl)) end
  return deadline_after[ttl]
end

local at = 3 + requests
for request = 1, requests do
  local id = ARGV[2 + request]
  local ttl, digest, record, lines = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  at = at + 4
  local taken, places, fits = {}, {}, true
  for line = 1, lines do
    local quantity, candidates = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local found = false
    for candidate = 0, candidates - 1 do
      local level = ARGV[at + 2 + 2 * candidate]
      if free_of(level) - (taken[level] or 0) >= quantity and not found then
        taken[level] = (taken[level] or 0) + quantity
        places[line] = ARGV[at + 3 + 2 * candidate] .. ':' .. level
        found = true
      end
    end
    fits = fits and found
    at = at + 2 + 2 * candidates
  end

  local known = granted[id] or before[request]
  local twin = digest ~= '' and (claimed[digest] or redis.call('HGET', CLAIMS, digest))
  local twin_grant = twin and (granted[twin] or redis.call('HGET', GRANTS, twin))
  if known then
    reply[#reply + 1] = 'known|' .. known
  elseif any_refused and redis.call('ZSCORE', REFUSED, id) then
    reply[#reply + 1] = 'refused'
  elseif twin_grant then
    reply[#reply + 1] = 'twin|' .. twin .. '|' .. twin_grant
  elseif digest ~= '' and (elsewhere[digest] or redis.call('ZSCORE', ELSEWHERE, digest)) then
    reply[#reply + 1] = 'elsewhere'
  elseif not fits then
    reply[#reply + 1] = 'short'
    any_short = true
    if digest ~= '' then elsewhere[digest] = true end
  else
    local from = table.concat(places, ',')
    local grant = created .. '|' .. from .. '|' .. record
    for level, quantity in pairs(taken) do free[level] = free[level] - quantity end
    granted[id] = grant
    ids[#ids + 1] = id
    grants[#grants + 1] = id
    grants[#grants + 1] = grant
    deadlines[#deadlines + 1] = deadline_of(ttl)
    deadlines[#deadlines + 1] = id
    if digest ~= '' then
      claimed[digest] = id
      claims[#claims + 1] = digest
      claims[#claims + 1] = id
    end
    reply[#reply + 1] = 'granted|' .. from
  end
end

if any_short then
  local overdue = redis.call('ZCOUNT', DEADLINES, '-inf', created)
  reply[#reply + 1] = overdue > 0 and '1' or '0'
  for _, level in ipairs(asked) do
    reply[#reply + 1] = level
    reply[#reply + 1] = string.format('%.0f', free[level])
    reply[#reply + 1] = redis.call('HGET', TOTALS, 'allotted:' .. level) or '0'
    reply[#reply + 1] = redis.call('HGET', TOTALS, 'returned:' .. level) or '0'
  end
end

if #ids > 0 then
  for level, units in pairs(free) do redis.call('HSET', FREE, level, string.format('%.0f', units)) end
  redis.call('HSET', GRANTS, unpack(grants))
  redis.call('ZADD', DEADLINES, unpack(deadlines))
  if #claims > 0 then redis.call('HSET', CLAIMS, unpack(claims)) end
  reply[3] = redis.call('XADD', STREAM, '*', 'ids', table.concat(ids, ','))
end
if next(elsewhere) then
  forget_old(ELSEWHERE, ELSEWHERE_MS)
  for digest in pairs(elsewhere) do redis.call('ZADD', ELSEWHERE, created, digest) end
end
return reply
