-- In front of every script of a shard, which has all keys of its skus under one hash tag.
local META, FREE, TOTALS, GRANTS, DEADLINES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local CLAIMS, ELSEWHERE, REFUSED, STREAM, DEAD = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local GROUP = 'earmark'
-- How long a key that went to Postgres is remembered: longer than any request waits there.
local ELSEWHERE_MS = 30000
-- How long a request that was given up is: if it is still on its way it arrives within this time, or its connection is gone.
local REFUSED_MS = 3600000

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function forget_old(key, ms)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now_ms() - ms))
end

-- This very server, as it has been running and been a primary without a break.
local function incarnation()
  local info = redis.call('INFO', 'server', 'replication')
  return string.match(info, 'run_id:(%x+)') .. ':' .. string.match(info, 'master_replid:(%x+)')
end

-- Whether the shard is in that epoch, with nothing lost since it began. A restart, a flush, a promoted replica and a copy
-- that was restored all make this false, for good: only `open.lua` begins another epoch.
local function is_open(epoch)
  local meta = redis.call('HMGET', META, 'epoch', 'incarnation')
  return meta[1] == epoch and meta[2] == incarnation()
end

-- '1' if the deadline of something that is not persisted has passed, else '0'.
local function any_overdue()
  return redis.call('ZCOUNT', DEADLINES, '-inf', string.format('%.0f', now_ms())) > 0 and '1' or '0'
end

-- Takes free units of a level out, at most so many. What has been returned in all is kept, so that nothing is lost on the way.
-- Returns: free, allotted total, returned total.
local function take_back(level, most)
  local free = tonumber(redis.call('HGET', FREE, level) or '0')
  local units = math.max(math.min(free, most), 0)
  if units > 0 then
    redis.call('HINCRBY', FREE, level, string.format('%.0f', -units))
    redis.call('HINCRBY', TOTALS, 'returned:' .. level, string.format('%.0f', units))
  end
  local totals = redis.call('HMGET', TOTALS, 'allotted:' .. level, 'returned:' .. level)
  return string.format('%.0f', free - units), totals[1] or '0', totals[2] or '0'
end
