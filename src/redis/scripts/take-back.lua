-- Takes free units out that are too many here.
-- ARGV: epoch, then of each level: level, units at most.
-- Reply: 'closed'; or 'open', '1' if a deadline has passed, else '0', then of each level: free, allotted total, returned total.
if not is_open(ARGV[1]) then return { 'closed' } end
local reply = { 'open', any_overdue() }
for at = 2, #ARGV, 2 do
  local free, allotted, returned = take_back(ARGV[at], tonumber(ARGV[at + 1]))
  reply[#reply + 1] = free
  reply[#reply + 1] = allotted
  reply[#reply + 1] = returned
end
return reply
