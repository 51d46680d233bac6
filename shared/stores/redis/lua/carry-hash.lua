--[[
Writes a part of what is carried over into a generation that is not served yet, while the lock of whoever carries stands.

KEYS    1 the lock   2 the hash
ARGV    1 what the lock has to hold   2 'yes' if the hash begins anew, else 'no'   3… field, value, field, value, …
Answer  1, or 0 where somebody else carries
]]
local lockKey, hashKey = KEYS[1], KEYS[2]
local token, isNew = ARGV[1], ARGV[2]

if redis.call('GET', lockKey) ~= token then return 0 end
if isNew == 'yes' then redis.call('UNLINK', hashKey) end
local FIELDS_PER_CALL = 2000 -- Lua's stack holds about 8,000 values
for first = 3, #ARGV, FIELDS_PER_CALL do
  redis.call('HSET', hashKey, unpack(ARGV, first, math.min(first + FIELDS_PER_CALL - 1, #ARGV)))
end
return 1
