internal import Tenancy

extension Configuration {
    /// What one organisation, user or address may do.
    struct LimitsConfiguration: Sendable {
        let tenant: Int
        let user: Int
        let address: Int
        let failedAuthentication: Int
        let concurrentAnswers: Int
        let tenantStreams: Int
        let userStreams: Int
        let trustedProxyHops: Int

        init(from reader: inout EnvironmentReader) {
            tenant = reader.integer(
                "RATE_LIMIT_TENANT",
                default: 600,
                in: 1...10_000_000,
                """
                Reads a minute of one organisation; of writes half as many, of chats a fifth, of uploads a tenth. A \
                plan's own figures stand before these.
                """
            )
            user = reader.integer(
                "RATE_LIMIT_USER",
                default: 300,
                in: 1...10_000_000,
                "Reads a minute of one user or API key; writes, chats and uploads as above."
            )
            address = reader.integer(
                "RATE_LIMIT_ADDRESS",
                default: 1200,
                in: 1...10_000_000,
                "Requests a minute of one client address (IPv6: /64), counted before authentication."
            )
            failedAuthentication = reader.integer(
                "RATE_LIMIT_FAILED_AUTHENTICATION",
                default: 30,
                in: 1...10_000_000,
                "Wrong credentials a minute of one client address; beyond them it is refused, whatever it sends."
            )
            concurrentAnswers = reader.integer(
                "CONCURRENT_ANSWERS",
                default: 128,
                in: 1...10_000_000,
                "Answers being made at once for one organisation, by all servers together, where its plan does not say."
            )
            tenantStreams = reader.integer(
                "LIVE_STREAMS_TENANT",
                default: 1000,
                in: 1...10_000_000,
                "Dashboards open at once, at each server, for one organisation; what comes beyond is told to come later."
            )
            userStreams = reader.integer(
                "LIVE_STREAMS_USER",
                default: 50,
                in: 1...10_000_000,
                "Dashboards open at once, at each server, for one user or API key."
            )
            trustedProxyHops = reader.integer(
                "TRUSTED_PROXY_HOPS",
                default: 0,
                in: 0...10,
                """
                Proxies in front of the server that append to X-Forwarded-For; 0 believes only the connection. What \
                came through fewer counts by its connection.
                """
            )
        }
    }
}

extension Configuration.LimitsConfiguration {
    var policies: RateLimitPolicies {
        var policies = RateLimitPolicies()
        policies.tenant = RateLimit("tenant", quota: tenant, per: .seconds(60))
        policies.user = RateLimit("user", quota: user, per: .seconds(60))
        policies.address = RateLimit("address", quota: address, per: .seconds(60))
        policies.failedAuthentication = RateLimit(
            "failed-authentication",
            quota: failedAuthentication,
            per: .seconds(60)
        )
        return policies
    }
}
