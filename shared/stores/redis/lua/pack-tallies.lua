--[[
Packs what was counted of many experiments, of all their visitors together, so that a list of a thousand of them is a
thousand texts on the wire and not a hundred thousand.

KEYS    the hashes of each experiment in turn: counts, moments
ARGV    1 how many fields one call may read: it keeps everybody else waiting
Answer  a text for each experiment: `field TAB value TAB field TAB value…` of the counts, a line feed, and the same of
        the moments. A field that Mem did not write cannot break the format. False for each that would be too much, but
        never for the first: the rest is asked for again.
]]
local room = tonumber(ARGV[1])

local function pack(key)
  local flat = redis.call('HGETALL', key)
  if string.find(table.concat(flat), '%c') then
    for i = 1, #flat do flat[i] = string.gsub(flat[i], '%c', ' ') end
  end
  return table.concat(flat, '\t')
end

local packed, isFull = {}, false
for i = 1, #KEYS, 2 do
  room = room - redis.call('HLEN', KEYS[i]) - redis.call('HLEN', KEYS[i + 1])
  isFull = isFull or (room < 0 and i > 1)
  packed[#packed + 1] = not isFull and pack(KEYS[i]) .. '\n' .. pack(KEYS[i + 1])
end
return packed
