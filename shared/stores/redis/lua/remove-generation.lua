--[[
Ends a generation that is not served: nothing is counted into it any more, and it can never be served.

KEYS  1 the pointer to the served generation   2 the generation's watermarks
ARGV  1 the generation
Answer  'removed' or 'served'

Its other keys are removed after this, key by key. A replay that still counts into it would otherwise find no watermark,
begin again, and count on top of what is not removed yet. Where the watermarks were a hash there is a text from now on:
every later apply or switch fails on its type.
]]
local pointerKey, watermarksKey = KEYS[1], KEYS[2]
local generation = ARGV[1]

if redis.call('GET', pointerKey) == generation then return 'served' end
redis.call('SET', watermarksKey, 'removed')
return 'removed'
