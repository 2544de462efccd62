internal import Redis

extension RedisScript {
    /// Asks several limits for one admission, by Redis's clock: all admit, or none counts it.
    ///
    /// Keys: one per limit, which holds the moment up to which its subject is booked, in microseconds. Arguments:
    /// interval, capacity, and 1 or 0 for whether to count, of each. Reply: 1 or 0, then each backlog. A key lives as
    /// long as its backlog.
    static let rateLimit = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local reply = {1}
        for i, key in ipairs(KEYS) do
            local backlog = math.max(0, (redis.call('GET', key) or 0) - now)
            if backlog + ARGV[3 * i - 2] > tonumber(ARGV[3 * i - 1]) then reply[1] = 0 end
            reply[i + 1] = backlog
        end
        if reply[1] == 1 then
            for i, key in ipairs(KEYS) do
                if ARGV[3 * i] == '1' then
                    local backlog = reply[i + 1] + ARGV[3 * i - 2]
                    redis.call('SET', key, string.format('%.0f', now + backlog), 'PX', math.ceil(backlog / 1000))
                    reply[i + 1] = backlog
                end
            end
        end
        return reply
        """
    )
}
