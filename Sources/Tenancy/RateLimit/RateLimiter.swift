internal import Metrics
package import Primitives
package import Redis
internal import Synchronization

/// The limits of an installation, per subject.
package struct RateLimitPolicies: Sendable {
    package var address = RateLimit("address", quota: 600, per: .seconds(60))
    package var tenant = RateLimit("tenant", quota: 600, per: .seconds(60))
    package var user = RateLimit("user", quota: 300, per: .seconds(60))
    package var key = RateLimit("key", quota: 600, per: .seconds(60))

    package init() {}
}

/// Counts requests in Redis, for all processes together; within this process, by the same policy, while Redis is away
/// or slow.
///
/// Never fails and never waits longer than its time-out.
package final class RateLimiter: Sendable {
    private struct State {
        var local: LocalRateLimits
        var isDegraded = false
        /// Redis was slow: not asked again before this.
        var pausedUntil: ContinuousClock.Instant?
    }

    private let redis: RedisClient
    private let policies: RateLimitPolicies
    private let timeout: Duration
    private let state: Mutex<State>
    private let fallbacks = Counter(label: "rate_limit_fallbacks_total")

    /// How long a slow Redis is left alone, so that not each request waits for the time-out.
    private static let pause = Duration.seconds(1)

    /// - Parameters:
    ///   - timeout: How long a request may wait for Redis's answer.
    ///   - localCapacity: How many subjects are remembered in this process while Redis is away (about 200 bytes each).
    package init(
        redis: RedisClient,
        policies: RateLimitPolicies = RateLimitPolicies(),
        timeout: Duration = .milliseconds(50),
        localCapacity: Int = 50_000
    ) {
        self.redis = redis
        self.policies = policies
        self.timeout = timeout
        state = Mutex(State(local: LocalRateLimits(capacity: localCapacity)))
    }

    /// Before authentication.
    package func admit(address: ClientAddress) async -> RateLimitDecision {
        await admit([(RedisKey(tag: "ip:\(address.prefix)", "rate"), policies.address)])
    }

    /// After authentication: the tenant, and who acts for it.
    ///
    /// - Parameters:
    ///   - user: A user's id.
    ///   - key: An API key's id.
    ///   - keyQuota: The key's own quota a minute, instead of the policy's.
    package func admit(
        tenant: TenantID,
        user: String? = nil,
        key: String? = nil,
        keyQuota: Int? = nil
    ) async -> RateLimitDecision {
        let tag = "t:\(tenant)"
        var subjects = [(RedisKey(tag: tag, "rate:tenant"), policies.tenant)]
        if let user { subjects.append((RedisKey(tag: tag, "rate:user:\(user)"), policies.user)) }
        if let key {
            let limit = keyQuota.map { RateLimit(policies.key.name, quota: $0, per: .seconds(60)) } ?? policies.key
            subjects.append((RedisKey(tag: tag, "rate:key:\(key)"), limit))
        }
        return await admit(subjects)
    }

    /// Whether the last request was counted in this process only, for `/ready`.
    package var isDegraded: Bool {
        state.withLock { $0.isDegraded }
    }

    private func admit(_ subjects: [(key: RedisKey, limit: RateLimit)]) async -> RateLimitDecision {
        let start = ContinuousClock.now
        let isPaused = state.withLock { state in state.pausedUntil.map { start < $0 } ?? false }
        if !isPaused {
            do {
                let decision = try await ask(subjects)
                state.withLock { $0.isDegraded = false }
                return decision
            } catch let error as RedisError where error.kind == .timedOut {
                state.withLock { $0.pausedUntil = .now + Self.pause }
            } catch {
                // Whatever it was, the request is counted here.
            }
        }
        fallbacks.increment()
        return state.withLock { state in
            state.isDegraded = true
            return state.local.admit(subjects, now: .now)
        }
    }

    private func ask(_ subjects: [(key: RedisKey, limit: RateLimit)]) async throws -> RateLimitDecision {
        let reply = try await redis.run(
            .rateLimit,
            keys: subjects.map(\.key),
            arguments: subjects.flatMap { [RedisArgument($0.limit.interval), RedisArgument($0.limit.capacity)] },
            timeout: timeout
        )
        let numbers = try reply.array.map { try Int64($0.integer) }
        guard numbers.count == subjects.count + 1 else { throw RedisError(.unexpectedReply) }
        return RateLimitDecision(
            subjects.map(\.limit),
            backlogs: Array(numbers.dropFirst()),
            isAdmitted: numbers[0] == 1
        )
    }
}
