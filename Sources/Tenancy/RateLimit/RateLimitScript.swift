internal import Redis

extension RedisScript {
    /// Asks several limits for one admission, by Redis's clock: all of a stage admit, or none from there on counts it.
    ///
    /// Keys: one per limit, which holds the moment up to which its subject is booked, in microseconds. Arguments:
    /// interval, capacity, 1 or 0 for whether to count, and stage, of each. Reply: the stage that refused or -1, then each
    /// backlog. A key lives as long as its backlog.
    static let rateLimit = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local reply = {-1}
        local refused = math.huge
        for i, key in ipairs(KEYS) do
            local backlog = math.max(0, (redis.call('GET', key) or 0) - now)
            if backlog + ARGV[4 * i - 3] > tonumber(ARGV[4 * i - 2]) then
                refused = math.min(refused, ARGV[4 * i])
                reply[1] = refused
            end
            reply[i + 1] = backlog
        end
        for i, key in ipairs(KEYS) do
            if ARGV[4 * i - 1] == '1' and tonumber(ARGV[4 * i]) < refused then
                local backlog = reply[i + 1] + ARGV[4 * i - 3]
                redis.call('SET', key, string.format('%.0f', now + backlog), 'PX', math.ceil(backlog / 1000))
                reply[i + 1] = backlog
            end
        end
        return reply
        """
    )
}
