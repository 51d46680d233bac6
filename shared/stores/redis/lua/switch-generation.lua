--[[
Serves another generation from now on, if it is as far as the served one in every shard.

KEYS  1 the pointer to the served generation   2 hold   3 the served generation's watermarks   4 the other one's
      5… keys of the served one that every slice that counts anything writes
ARGV  1 the generation that is expected to be served   2 the other one
Answer  'switched', 'behind' (some shard of the other one) or 'stale generation' (it is not served, or has lost its
        watermarks, so that nothing tells how far the other one has to be)
]]
local pointerKey, holdKey, servedKey, otherKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local served, other = ARGV[1], ARGV[2]

--- Sequence numbers are too long for Lua's numbers: longer is larger, and then the text decides.
local function isBehind(a, b)
  if #a ~= #b then return #a < #b end
  return a < b
end

if redis.call('GET', pointerKey) ~= served then return 'stale generation' end
local watermarks = redis.call('HGETALL', servedKey)
if #watermarks == 0 and redis.call('EXISTS', unpack(KEYS, 5)) > 0 then return 'stale generation' end
for i = 1, #watermarks, 2 do
  local reached = redis.call('HGET', otherKey, watermarks[i])
  if not reached or isBehind(reached, watermarks[i + 1]) then return 'behind' end
end
redis.call('SET', pointerKey, other)
redis.call('DEL', holdKey)
return 'switched'
