--[[
Serves another generation from now on, if the served one has counters and no watermark of any shard.

KEYS  1 the pointer to the served generation   2 its watermarks   3… keys that every slice that counts anything writes
ARGV  1 the generation that is expected to be served   2 the other one
Answer  'replaced' or 'kept'

Watermarks are written with the counters: where they alone are missing, Redis has lost their key, and nothing tells any
more what has been counted.
]]
local pointerKey, watermarksKey = KEYS[1], KEYS[2]
local served, other = ARGV[1], ARGV[2]

if redis.call('GET', pointerKey) ~= served or redis.call('EXISTS', watermarksKey) == 1 then return 'kept' end
if redis.call('EXISTS', unpack(KEYS, 3)) == 0 then return 'kept' end
redis.call('SET', pointerKey, other)
return 'replaced'
