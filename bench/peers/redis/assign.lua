-- ARGV: contact, assignee. Answers version, former assignee, unread.
local key = 'contact:' .. ARGV[1]
local state = redis.call('HMGET', key, 'assignee', 'sort_at', 'unread')
redis.call('ZREM', state[1] == '' and 'view:unassigned' or 'view:mine:' .. state[1], ARGV[1])
redis.call('ZADD', 'view:mine:' .. ARGV[2], -tonumber(state[2]), ARGV[1])
redis.call('HSET', key, 'assignee', ARGV[2])
return {redis.call('HINCRBY', key, 'version', 1), state[1], tonumber(state[3])}
