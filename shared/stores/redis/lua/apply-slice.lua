--[==[
Adds one slice's sums to a generation's counters, writes the records of its visitors, and moves the shard's watermark: all
of it, or nothing.

KEYS  1 the pointer to the served generation   2 hold   3 watermarks   4 experiments   5 totals   6 activity
      7 the shards that have had goals that wait
      8… the keys that the rest names by their index
ARGV  1 the pointer's expected value
      2 'yes' if a hold is to be respected, else 'no'
      3 the shard's field in the watermarks
      4 its expected watermark, '' if it has none
      5 its new watermark
      6 the ancestors' expected watermarks: JSON [[field, watermark or ''], …]
      7 the sums: JSON [{ name, total, received: [first ms, last ms], counts: [key, field, n, …], days: [key, field, n, …],
        segments and labels: like counts, moments: [key, [field, …], [[number, …], …]], segmentMoments: like moments,
        uniques: [[key, element, …], …] }, …]; what adds nothing is missing
      8 the entries of dictionaries that the sums and records rely on: JSON [[key, code, name, …], …]
      9 every record that was read, packed: index of its bucket's key (2 bytes), its field (12), the digest that was read
        (6, zeros if there was no record), what to do (1: KEEP, PUT, PUT_SMALL, PUT_LARGE, REMOVE), index of the key of large
        records (2), length (2) and bytes of the new value; integers are big-endian
      10 whose records hold goals that wait: JSON { key, put: [time ms, member, …], removed: [member, …] }
Answer  'applied', 'conflict' (a watermark is not what was expected, or all are missing beside counters), 'changed' (a record or an entry of a dictionary is
        not what was read), 'stale generation' or 'held'.
Errors  BADSTATE or WRONGTYPE where a stored value is not what Mem writes. Nothing has changed then.

Redis keeps what a script wrote before an error. So everything is read and checked first, and only then written. What was
read and is not written is compared as well: else two shards could each miss the other's write.
]==]
local pointerKey, holdKey, watermarksKey, experimentsKey, totalsKey, activityKey, waitingShardsKey =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local pointer, respectHold, shard, expected, following = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local ancestors, sums, dictionaries, records = cjson.decode(ARGV[6]), cjson.decode(ARGV[7]), cjson.decode(ARGV[8]), ARGV[9]
local waiting = cjson.decode(ARGV[10])

local FIELDS_PER_CALL = 2000 -- Lua's stack holds about 8,000 values
local LARGEST_COUNT = 9007199254740991 -- 2^53 - 1: beyond it doubles skip integers
local KEEP, PUT_SMALL, PUT_LARGE, REMOVE = 0, 2, 3, 4
local DIGEST_BYTES = 6
local ABSENT = string.rep('\0', DIGEST_BYTES)
local LARGE = '\193'

local function fail(key, field, what)
  error({ err = 'BADSTATE ' .. key .. ' ' .. field .. ': ' .. what })
end

--- The values of many fields of a hash, in order; false where there is none.
local function readFields(key, fields)
  local values = {}
  for first = 1, #fields, FIELDS_PER_CALL do
    local part = redis.call('HMGET', key, unpack(fields, first, math.min(first + FIELDS_PER_CALL - 1, #fields)))
    for i = 1, #part do values[first + i - 1] = part[i] end
  end
  return values
end

--- Writes [field, value, field, value, …].
local function writeFields(key, pairsList)
  for first = 1, #pairsList, FIELDS_PER_CALL do
    redis.call('HSET', key, unpack(pairsList, first, math.min(first + FIELDS_PER_CALL - 1, #pairsList)))
  end
end

--- [key, field, n, …] -> [field, stored + n, …]
local function raised(key, increments)
  local fields, result = {}, {}
  for i = 2, #increments, 2 do fields[#fields + 1] = increments[i] end
  local stored = readFields(key, fields)
  for i, field in ipairs(fields) do
    local before = stored[i] or '0'
    local sum = string.match(before, '^%d+$') and tonumber(before) + increments[2 * i + 1]
    if not sum or sum > LARGEST_COUNT then fail(key, field, 'not a count that can be raised: ' .. before) end
    result[2 * i - 1], result[2 * i] = field, string.format('%.0f', sum)
  end
  return result
end

--- [field, …], [delta, …] -> [field, 'stored + delta', …]; a moments value is numbers with spaces between.
local function raisedMoments(key, fields, deltas)
  local result = {}
  local stored = readFields(key, fields)
  for i, field in ipairs(fields) do
    local delta, added = deltas[i], {}
    for word in string.gmatch(stored[i] or '', '%S+') do added[#added + 1] = tonumber(word) end
    if stored[i] and #added ~= #delta then fail(key, field, 'not moments: ' .. stored[i]) end
    for j = 1, #delta do added[j] = string.format('%.17g', (added[j] or 0) + delta[j]) end
    result[2 * i - 1], result[2 * i] = field, table.concat(added, ' ')
  end
  return result
end

--- { field = [first, last] } -> [field, 'first last', …]: the earliest and the latest of what is stored and given.
local function widened(key, spans)
  local fields, result = {}, {}
  for field in pairs(spans) do fields[#fields + 1] = field end
  local stored = readFields(key, fields)
  for i, field in ipairs(fields) do
    local first, last = spans[field][1], spans[field][2]
    if stored[i] then
      local before, after = string.match(stored[i], '^(%d+) (%d+)$')
      if not before then fail(key, field, 'not two times: ' .. stored[i]) end
      first, last = math.min(first, tonumber(before)), math.max(last, tonumber(after))
    end
    result[2 * i - 1], result[2 * i] = field, string.format('%.0f %.0f', first, last)
  end
  return result
end

--- When each experiment of the slice received its first and last event, and '' for all of them: { field = span }
local function spansOf(experiments)
  local spans = {}
  for _, experiment in ipairs(experiments) do
    local span = experiment.received
    local all = spans[''] or span
    spans[experiment.name] = span
    spans[''] = { math.min(all[1], span[1]), math.max(all[2], span[2]) }
  end
  return spans
end

--- Counters without a watermark of any shard: their key was lost, and to begin at nothing would count everything twice.
local function isOrphaned()
  return redis.call('EXISTS', watermarksKey) == 0 and redis.call('EXISTS', experimentsKey, totalsKey, activityKey, waitingShardsKey) > 0
end

local function checkHyperLogLog(key)
  local head = redis.call('GETRANGE', key, 0, 3)
  if head ~= '' and head ~= 'HYLL' then fail(key, '', 'not a HyperLogLog') end
end

--- The records that were read, and what becomes of them: { { bucket, field, digest, action, large, value }, … }
local function unpackRecords(packed)
  local rows, at = {}, 1
  while at <= #packed do
    local bucket, field, digest, action, large, value
    bucket, field, digest, action, large, value, at = struct.unpack('>Hc12c6BHHc0', packed, at)
    rows[#rows + 1] = { KEYS[bucket], field, digest, action, KEYS[large], value }
  end
  return rows
end

local function areUnchanged(rows)
  for _, row in ipairs(rows) do
    local stored = redis.call('HGET', row[1], row[2])
    if (stored and string.sub(stored, 1, DIGEST_BYTES) or ABSENT) ~= row[3] then return false end
  end
  return true
end

--- The entries that are missing; nil where one is not what was read. [key, code, name, …] -> { key, [code, name, …] }
local function missingEntries(entries)
  local key, codes, missing = KEYS[entries[1]], {}, {}
  for i = 2, #entries, 2 do codes[#codes + 1] = entries[i] end
  for i, name in ipairs(readFields(key, codes)) do
    local wanted = entries[2 * i + 1]
    if not name then
      missing[#missing + 1] = codes[i]
      missing[#missing + 1] = wanted
    elseif name ~= wanted then
      return nil
    end
  end
  return { key, missing }
end

-- 1. May this slice be applied?
if redis.call('GET', pointerKey) ~= pointer then return 'stale generation' end
if respectHold == 'yes' and redis.call('EXISTS', holdKey) == 1 then return 'held' end
local watched = { shard }
for i, ancestor in ipairs(ancestors) do watched[i + 1] = ancestor[1] end
local watermarks = readFields(watermarksKey, watched)
if (watermarks[1] or '') ~= expected then return 'conflict' end
if expected == '' and isOrphaned() then return 'conflict' end
for i, ancestor in ipairs(ancestors) do
  if (watermarks[i + 1] or '') ~= ancestor[2] then return 'conflict' end
end
local rows = unpackRecords(records)
if not areUnchanged(rows) then return 'changed' end
local writes = {}
for _, entries in ipairs(dictionaries) do
  local write = missingEntries(entries)
  if not write then return 'changed' end
  writes[#writes + 1] = write
end

-- 2. Read, check and add up.
local experiments, totals = {}, { 0 }
redis.call('SCARD', experimentsKey) -- fails unless it is a set
for _, experiment in ipairs(sums) do
  experiments[#experiments + 1] = experiment.name
  totals[#totals + 1] = experiment.name
  totals[#totals + 1] = experiment.total
  for _, unique in ipairs(experiment.uniques) do checkHyperLogLog(KEYS[unique[1]]) end
  for _, kind in ipairs({ 'counts', 'days', 'segments', 'labels' }) do
    local increments = experiment[kind]
    if increments then writes[#writes + 1] = { KEYS[increments[1]], raised(KEYS[increments[1]], increments) } end
  end
  for _, kind in ipairs({ 'moments', 'segmentMoments' }) do
    local deltas = experiment[kind]
    if deltas then
      local key = KEYS[deltas[1]]
      writes[#writes + 1] = { key, raisedMoments(key, deltas[2], deltas[3]) }
    end
  end
end
writes[#writes + 1] = { totalsKey, raised(totalsKey, totals) }
if #sums > 0 then writes[#writes + 1] = { activityKey, widened(activityKey, spansOf(sums)) } end
for _, row in ipairs(rows) do
  if row[4] >= PUT_SMALL then redis.call('HLEN', row[5]) end -- fails unless it is a hash
end

redis.call('ZCARD', KEYS[waiting.key]) -- fails unless it is a sorted set
redis.call('SCARD', waitingShardsKey) -- fails unless it is a set

-- 3. Write. From here on nothing may fail.
for first = 1, #experiments, FIELDS_PER_CALL do
  redis.call('SADD', experimentsKey, unpack(experiments, first, math.min(first + FIELDS_PER_CALL - 1, #experiments)))
end
for _, experiment in ipairs(sums) do
  for _, unique in ipairs(experiment.uniques) do
    for first = 2, #unique, FIELDS_PER_CALL do
      redis.call('PFADD', KEYS[unique[1]], unpack(unique, first, math.min(first + FIELDS_PER_CALL - 1, #unique)))
    end
  end
end
for _, write in ipairs(writes) do writeFields(write[1], write[2]) end
for _, row in ipairs(rows) do
  local bucket, field, action, large, value = row[1], row[2], row[4], row[5], row[6]
  if action == PUT_LARGE then
    redis.call('HSET', large, field, string.sub(value, DIGEST_BYTES + 1))
    value = string.sub(value, 1, DIGEST_BYTES) .. LARGE
  elseif action == PUT_SMALL or action == REMOVE then
    redis.call('HDEL', large, field)
  end
  if action == REMOVE then
    redis.call('HDEL', bucket, field)
  elseif action ~= KEEP then redis.call('HSET', bucket, field, value) end
end
if #waiting.put > 0 then redis.call('SADD', waitingShardsKey, shard) end
for first = 1, #waiting.put, FIELDS_PER_CALL do
  redis.call('ZADD', KEYS[waiting.key], unpack(waiting.put, first, math.min(first + FIELDS_PER_CALL - 1, #waiting.put)))
end
for first = 1, #waiting.removed, FIELDS_PER_CALL do
  local last = math.min(first + FIELDS_PER_CALL - 1, #waiting.removed)
  redis.call('ZREM', KEYS[waiting.key], unpack(waiting.removed, first, last))
end
redis.call('HSET', watermarksKey, shard, following)
return 'applied'
