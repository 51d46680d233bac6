--[[
Copies keys as they are into a generation that is not served yet, while the lock of whoever carries stands.

KEYS    1 the lock   2… a key and its copy, in turn
ARGV    1 what the lock has to hold
Answer  1, or 0 where somebody else carries
]]
local token = ARGV[1]

if redis.call('GET', KEYS[1]) ~= token then return 0 end
for i = 2, #KEYS, 2 do
  if redis.call('COPY', KEYS[i], KEYS[i + 1], 'REPLACE') == 0 then redis.call('UNLINK', KEYS[i + 1]) end
end
return 1
