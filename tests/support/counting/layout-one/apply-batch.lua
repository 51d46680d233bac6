--[[
Adds one batch's sums to a generation's counters and moves the shard's watermark: all of it, or nothing.

KEYS  1 the pointer to the served generation   2 hold   3 watermarks   4 experiments   5… the keys the batch names
ARGV  1 the pointer's expected value
      2 'yes' if a hold is to be respected, else 'no'
      3 the shard's field in the watermarks
      4 its expected watermark, '' if it has none
      5 its new watermark
      6 the ancestors' expected watermarks: JSON [[field, watermark or ''], …]
      7 the batch: JSON [{ name, keys: {counts, days, activity, units, moments}, counts: [field, n, …],
        days: [field, n, …], received: [first ms, last ms], uniques: [[key, element, …], …],
        visits: [[unit, variant, event or '', value, segment…], …] }, …],
        where a key is an index into KEYS, and an event of '' is an exposure; activity comes with received
Answer  'applied', 'conflict' (a watermark is not what was expected), 'stale generation' or 'held'.
Errors  BADSTATE or WRONGTYPE where a stored value is not what Mem writes. Nothing has changed then.

Redis keeps what a script wrote before an error. So everything is read and checked first, and only then written.
]]
local pointerKey, holdKey, watermarksKey, experimentsKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local pointer, respectHold, shard, expected, following = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local ancestors, batch = cjson.decode(ARGV[6]), cjson.decode(ARGV[7])

local FIELDS_PER_CALL = 2000 -- Lua's stack holds about 8,000 values
local LARGEST_COUNT = 9007199254740991 -- 2^53 - 1: beyond it doubles skip integers

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

--- [field, n, …] -> [field, stored + n, …]
local function raised(key, increments)
  local fields, result = {}, {}
  for i = 1, #increments, 2 do fields[#fields + 1] = increments[i] end
  local stored = readFields(key, fields)
  for i, field in ipairs(fields) do
    local before = stored[i] or '0'
    local sum = string.match(before, '^%d+$') and tonumber(before) + increments[2 * i]
    if not sum or sum > LARGEST_COUNT then fail(key, field, 'not a count that can be raised: ' .. before) end
    result[2 * i - 1], result[2 * i] = field, string.format('%.0f', sum)
  end
  return result
end

--- What a unit has done so far: { variant first seen, crossed over?, segments at its exposure, { goal = { n, v } } }
local function readUnits(key, visits)
  local names, units = {}, {}
  for _, visit in ipairs(visits) do
    local name = visit[1]
    if units[name] == nil then
      units[name] = false
      names[#names + 1] = name
    end
  end
  local stored = readFields(key, names)
  for i, name in ipairs(names) do
    if stored[i] then
      local ok, unit = pcall(cmsgpack.unpack, stored[i])
      if not ok or type(unit) ~= 'table' or type(unit[4]) ~= 'table' then fail(key, name, 'not the state of a unit') end
      units[name] = unit
    end
  end
  return names, units
end

--- Adds a delta to a moments field and to that field of each segment.
local function addTo(deltas, field, segments, delta)
  for i = 0, #segments do
    local name = i == 0 and field or field .. ':' .. segments[i]
    local sums = deltas[name]
    if sums then
      for j = 1, #delta do sums[j] = sums[j] + delta[j] end
    else
      deltas[name] = { unpack(delta) }
    end
  end
end

--- Takes the visits in stream order into the units' states, and answers what they add to the moments.
local function fold(visits, units)
  local deltas, changed = {}, {}
  for _, visit in ipairs(visits) do
    local name, variant, event, value = visit[1], visit[2], visit[3], visit[4]
    local unit = units[name]
    if not unit then
      if event == '' then -- the first exposure fixes the variant and the segments
        unit = { variant, false, { unpack(visit, 5) }, {} }
        units[name], changed[name] = unit, true
        addTo(deltas, variant .. ':', unit[3], { 1, 0 })
      end
    elseif unit[1] ~= variant then
      if not unit[2] then
        unit[2], changed[name] = true, true
        addTo(deltas, unit[1] .. ':', unit[3], { 0, 1 })
      end
    elseif event ~= '' then
      local goal = unit[4][event] or { 0, 0 }
      local n, v = goal[1], goal[2]
      addTo(deltas, variant .. ':' .. event, unit[3], { n == 0 and 1 or 0, 1, 2 * n + 1, value, 2 * v * value + value * value })
      unit[4][event], changed[name] = { n + 1, v + value }, true
    end
  end
  return deltas, changed
end

--- { field = delta } -> [field, 'stored + delta', …]; a moments value is numbers with spaces between.
local function raisedMoments(key, deltas)
  local fields, result = {}, {}
  for field in pairs(deltas) do fields[#fields + 1] = field end
  local stored = readFields(key, fields)
  for i, field in ipairs(fields) do
    local delta, sums = deltas[field], {}
    for word in string.gmatch(stored[i] or '', '%S+') do sums[#sums + 1] = tonumber(word) end
    if stored[i] and #sums ~= #delta then fail(key, field, 'not moments: ' .. stored[i]) end
    for j = 1, #delta do sums[j] = string.format('%.17g', (sums[j] or 0) + delta[j]) end
    result[2 * i - 1], result[2 * i] = field, table.concat(sums, ' ')
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

--- When each experiment of the batch received its first and last event, and '' for all of them: { key = { field = span } }
local function spansOf(experimentsOfBatch)
  local byKey = {}
  for _, experiment in ipairs(experimentsOfBatch) do
    local span = experiment.received
    if span then
      local key = KEYS[experiment.keys.activity]
      local spans = byKey[key] or {}
      local all = spans[''] or span
      byKey[key], spans[experiment.name] = spans, span
      spans[''] = { math.min(all[1], span[1]), math.max(all[2], span[2]) }
    end
  end
  return byKey
end

local function checkHyperLogLog(key)
  local head = redis.call('GETRANGE', key, 0, 3)
  if head ~= '' and head ~= 'HYLL' then fail(key, '', 'not a HyperLogLog') end
end

local function packedUnits(names, units, changed)
  local result = {}
  for _, name in ipairs(names) do
    if changed[name] then
      result[#result + 1] = name
      result[#result + 1] = cmsgpack.pack(units[name])
    end
  end
  return result
end

-- 1. May this batch be applied?
if redis.call('GET', pointerKey) ~= pointer then return 'stale generation' end
if respectHold == 'yes' and redis.call('EXISTS', holdKey) == 1 then return 'held' end
local watched = { shard }
for i, ancestor in ipairs(ancestors) do watched[i + 1] = ancestor[1] end
local watermarks = readFields(watermarksKey, watched)
if (watermarks[1] or '') ~= expected then return 'conflict' end
for i, ancestor in ipairs(ancestors) do
  if (watermarks[i + 1] or '') ~= ancestor[2] then return 'conflict' end
end

-- 2. Read, check and add up.
local writes, experiments = {}, {}
redis.call('SCARD', experimentsKey) -- fails unless it is a set
for _, experiment in ipairs(batch) do
  local keys = experiment.keys
  local counts, days, units, moments = KEYS[keys.counts], KEYS[keys.days], KEYS[keys.units], KEYS[keys.moments]
  experiments[#experiments + 1] = experiment.name
  for _, unique in ipairs(experiment.uniques) do checkHyperLogLog(KEYS[unique[1]]) end
  writes[#writes + 1] = { counts, raised(counts, experiment.counts) }
  writes[#writes + 1] = { days, raised(days, experiment.days) }
  if #experiment.visits > 0 then
    local names, states = readUnits(units, experiment.visits)
    local deltas, changed = fold(experiment.visits, states)
    writes[#writes + 1] = { moments, raisedMoments(moments, deltas) }
    writes[#writes + 1] = { units, packedUnits(names, states, changed) }
  end
end

for key, spans in pairs(spansOf(batch)) do writes[#writes + 1] = { key, widened(key, spans) } end

-- 3. Write. From here on nothing may fail.
for first = 1, #experiments, FIELDS_PER_CALL do
  redis.call('SADD', experimentsKey, unpack(experiments, first, math.min(first + FIELDS_PER_CALL - 1, #experiments)))
end
for _, experiment in ipairs(batch) do
  for _, unique in ipairs(experiment.uniques) do
    for first = 2, #unique, FIELDS_PER_CALL do
      redis.call('PFADD', KEYS[unique[1]], unpack(unique, first, math.min(first + FIELDS_PER_CALL - 1, #unique)))
    end
  end
end
for _, write in ipairs(writes) do writeFields(write[1], write[2]) end
redis.call('HSET', watermarksKey, shard, following)
return 'applied'
