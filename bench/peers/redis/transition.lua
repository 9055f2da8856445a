-- A batch of inbound messages: each finds or makes its contact, is appended to its timeline, and moves it in its views.
-- ARGV: time in ms, then channel, external id, provider id, entry's JSON without seq, preview, for each message.
-- Answers: contact, seq, duplicate (0/1), assignee, unread before (-1: new) for each.
local at = tonumber(ARGV[1])
local out = {}
for i = 2, #ARGV, 5 do
  local account = 'account:' .. ARGV[i] .. ':' .. ARGV[i + 1]
  local provider = 'provider:' .. ARGV[i]
  local known = redis.call('HGET', provider, ARGV[i + 2])
  if known then
    local contact, seq = string.match(known, '([^ ]+) ([^ ]+)')
    out[#out + 1] = {contact, tonumber(seq), 1, '', 0}
  else
    local id = redis.call('GET', account)
    local unread, assignee = -1, ''
    if not id then
      id = string.format('c%012d', redis.call('INCR', 'contacts'))
      redis.call('SET', account, id)
      redis.call('HSET', 'contact:' .. id, 'external_id', ARGV[i + 1], 'channel', ARGV[i], 'version', 1, 'assignee', '', 'unread', 0, 'waiting_since', at)
    else
      local state = redis.call('HMGET', 'contact:' .. id, 'unread', 'assignee')
      unread, assignee = tonumber(state[1]), state[2]
    end
    local seq = redis.call('RPUSH', 'timeline:' .. id, ARGV[i + 3])
    redis.call('HSET', provider, ARGV[i + 2], id .. ' ' .. seq)
    redis.call('HSET', 'contact:' .. id, 'last_seq', seq, 'sort_at', at, 'preview', ARGV[i + 4], 'unread', math.max(unread, 0) + 1)
    redis.call('ZADD', 'view:all', -at, id)
    if assignee == '' then redis.call('ZADD', 'view:unassigned', -at, id) else redis.call('ZADD', 'view:mine:' .. assignee, -at, id) end
    out[#out + 1] = {id, seq, 0, assignee, unread}
  end
end
return out
