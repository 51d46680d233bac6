--[[
Serves a generation that was carried over from another layout, if it is what the old one is.

KEYS    1 the pointer of this layout   2 the old pointer   3 hold   4 the lock of whoever carries   5 the old generation's
          watermarks   6 the new one's   7 what is known of the carrying
ARGV    1 what lock and hold have to hold   2 the old generation   3 the new one   4… the old watermarks as they were read
          when the hold was set: field, value, field, value, …
Answer  'served', 'moved' (a hold that was lost, other watermarks: try again) or 'overtaken' (another generation is served)
]]
local pointerKey, oldPointerKey, holdKey, lockKey, oldMarksKey, marksKey, progressKey =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local token, old, new = ARGV[1], ARGV[2], ARGV[3]

if redis.call('EXISTS', pointerKey) == 1 or redis.call('GET', lockKey) ~= token then return 'overtaken' end
if redis.call('GET', oldPointerKey) ~= old then return 'overtaken' end
if redis.call('GET', holdKey) ~= token then return 'moved' end
if redis.call('HLEN', oldMarksKey) * 2 ~= #ARGV - 3 then return 'moved' end
for i = 4, #ARGV, 2 do
  if redis.call('HGET', oldMarksKey, ARGV[i]) ~= ARGV[i + 1] then return 'moved' end
end
for i = 4, #ARGV, 2 do redis.call('HSET', marksKey, ARGV[i], ARGV[i + 1]) end
redis.call('SET', pointerKey, new)
redis.call('DEL', holdKey, lockKey, progressKey)
return 'served'
