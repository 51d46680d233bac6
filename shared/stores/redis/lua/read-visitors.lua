--[[
Reads visitors' records.

KEYS    the hashes that they lie in
ARGV    1 a packed row for each visitor: index into KEYS of its bucket and of the hash of large records (2 bytes each,
          big-endian), its field (12 bytes)
Answer  for each visitor the stored value, or false where there is none: a digest of 6 bytes and the content. Of a large
        record the digest, the byte 0xC1, which no content begins with, and the content, if it is there.
]]
local rows = ARGV[1]
local LARGE = '\193'

local values, at = {}, 1
for i = 1, #rows / 16 do
  local bucket, large, field
  bucket, large, field, at = struct.unpack('>HHc12', rows, at)
  local value = redis.call('HGET', KEYS[bucket], field)
  if value and #value == 7 and string.sub(value, 7) == LARGE then
    value = value .. (redis.call('HGET', KEYS[large], field) or '')
  end
  values[i] = value
end
return values
