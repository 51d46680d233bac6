--[[
Packs what was counted of many experiments, of all their visitors together, so that a list of a thousand of them is a
thousand texts on the wire and not a hundred thousand.

KEYS    the hashes of each experiment in turn: counts, moments
Answer  a text for each experiment: `field TAB value TAB field TAB value…` of the counts, a line feed, and the same of
        the moments. Fields of a segment are left out; a field that Mem did not write cannot break the format.
]]
local function pack(key)
  local flat, kept = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    local field = flat[i]
    local first = string.find(field, ':', 1, true)
    if not first or not string.find(field, ':', first + 1, true) then
      kept[#kept + 1] = string.gsub(field, '%c', ' ')
      kept[#kept + 1] = string.gsub(flat[i + 1], '%c', ' ')
    end
  end
  return table.concat(kept, '\t')
end

local packed = {}
for i = 1, #KEYS, 2 do packed[#packed + 1] = pack(KEYS[i]) .. '\n' .. pack(KEYS[i + 1]) end
return packed
