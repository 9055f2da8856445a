-- ARGV: view, limit. The first contacts of the view with what their rows need, in one consistent read.
local rows = {}
for _, id in ipairs(redis.call('ZRANGE', 'view:' .. ARGV[1], 0, tonumber(ARGV[2]) - 1)) do
  local row = redis.call('HMGET', 'contact:' .. id, 'external_id', 'channel', 'version', 'assignee', 'unread', 'waiting_since', 'last_seq', 'sort_at', 'preview')
  row[#row + 1] = id
  rows[#rows + 1] = row
end
return rows
