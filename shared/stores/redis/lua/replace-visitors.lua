--[[
Replaces visitors' records, each of them only if it is still what was read.

KEYS    1 a key that has to hold what is expected, or ''   2… the hashes that the rows name by their index
ARGV    1 what the first key has to hold
        2 a packed row for each record: index of its bucket's key (2 bytes), its field (12), the digest that was read (6,
          zeros if there was no record), what to do (1: PUT, PUT_SMALL, PUT_LARGE, REMOVE), index of the key of large
          records (2), length (2) and bytes of the new value; integers are big-endian
Answer  for each record 1 if it was replaced, else 0; nothing at all where the first key holds something else.
]]
local guardKey, guard, rows = KEYS[1], ARGV[1], ARGV[2]
local PUT_LARGE, REMOVE = 3, 4
local DIGEST_BYTES = 6
local ABSENT = string.rep('\0', DIGEST_BYTES)
local LARGE = '\193'

if guard ~= '' and redis.call('GET', guardKey) ~= guard then return {} end
local answers, at = {}, 1
while at <= #rows do
  local bucket, field, digest, action, large, value
  bucket, field, digest, action, large, value, at = struct.unpack('>Hc12c6BHHc0', rows, at)
  local stored = redis.call('HGET', KEYS[bucket], field)
  local isSame = (stored and string.sub(stored, 1, DIGEST_BYTES) or ABSENT) == digest
  if isSame then
    if action == PUT_LARGE then
      redis.call('HSET', KEYS[large], field, string.sub(value, DIGEST_BYTES + 1))
      value = string.sub(value, 1, DIGEST_BYTES) .. LARGE
    else
      redis.call('HDEL', KEYS[large], field)
    end
    if action == REMOVE then
      redis.call('HDEL', KEYS[bucket], field)
    else
      redis.call('HSET', KEYS[bucket], field, value)
    end
  end
  answers[#answers + 1] = isSame and 1 or 0
end
return answers
