internal import Metrics
public import Primitives
public import Redis
internal import Synchronization

/// Counts requests in Redis, for all processes together; within this process, from where Redis left off and by the same
/// policy, while Redis is away or does not answer.
///
/// Never fails. A Redis that hangs costs the requests that were under way its time-out; after that, one request a second.
public final class RateLimiter: Sendable {
    private struct State {
        var local: LocalRateLimits
        var breaker = CircuitBreaker()
        var isDegraded = false
        var refusals = RefusalPace()
    }

    private let redis: @Sendable () -> RedisClient
    private let policies: RateLimitPolicies
    private let timeout: Duration
    private let state: Mutex<State>
    private let fallbacks = Counter(label: "rate_limit_fallbacks_total")

    /// - Parameters:
    ///   - redis: Taken anew for each request, so that it may be the nearest.
    ///   - timeout: How long a request may wait for Redis's answer: long enough for a machine that is starved for a
    ///     moment, since an admission without Redis is one that nobody else knows of.
    ///   - localCapacity: How many subjects are remembered in this process (about 200 bytes each).
    public init(
        redis: @escaping @autoclosure @Sendable () -> RedisClient,
        policies: RateLimitPolicies = RateLimitPolicies(),
        timeout: Duration = .milliseconds(250),
        localCapacity: Int = 50_000
    ) {
        self.redis = redis
        self.policies = policies
        self.timeout = timeout
        state = Mutex(State(local: LocalRateLimits(capacity: localCapacity)))
    }

    /// An address's requests, and whether it failed to authenticate too often.
    public func admit(address: ClientAddress) async -> RateLimitDecision {
        await admit(subjects(address))
    }

    /// Counts a wrong credential.
    public func countFailedAuthentication(from address: ClientAddress) async -> RateLimitDecision {
        await admit([RateLimitSubject(key: address.failureKey, limit: policies.failedAuthentication)])
    }

    /// After authentication: the tenant, and who acts for it.
    ///
    /// - Parameter address: the request's, unless it was asked before; it is, in the same step, and counts also where the
    ///   tenant or who acts for it is refused.
    public func admit(
        _ routeClass: RouteClass,
        tenant: TenantID,
        by caller: RateLimitCaller,
        limits: PlanLimits = PlanLimits(),
        from address: ClientAddress? = nil
    ) async -> RateLimitDecision {
        let tag = "t:\(tenant)"
        let (all, own) = (policies.tenant(routeClass, limits), policies.caller(caller, routeClass, limits))
        return await admit(
            (address.map(subjects) ?? []) + [
                RateLimitSubject(key: RedisKey(tag: tag, "rate:\(all.name)"), limit: all, stage: 1),
                RateLimitSubject(key: RedisKey(tag: tag, "rate:\(own.name):\(caller.key)"), limit: own, stage: 1),
            ]
        )
    }

    private func subjects(_ address: ClientAddress) -> [RateLimitSubject] {
        [
            RateLimitSubject(key: RedisKey(tag: address.tag, "rate"), limit: policies.address),
            RateLimitSubject(key: address.failureKey, limit: policies.failedAuthentication, isCounted: false),
        ]
    }

    /// Whether the last request was counted in this process only.
    public var isDegraded: Bool {
        state.withLock { $0.isDegraded }
    }

    /// Returns when it is a refusal's turn to be told.
    ///
    /// Those of one tenant, user or address leave a process one after the other, so that who does not heed them costs the
    /// others nothing.
    public func awaitTurn(of decision: RateLimitDecision) async {
        guard let subject = decision.refusing,
            let pause = state.withLock({ $0.refusals.begin(subject, now: .now) })
        else { return }
        // The turn itself, which is a moment; a cancelled refusal goes at once.
        try? await Task.sleep(for: pause)
        state.withLock { $0.refusals.end() }
    }

    private func admit(_ subjects: [RateLimitSubject]) async -> RateLimitDecision {
        if state.withLock({ $0.breaker.admits(at: .now) }) {
            do {
                let decision = try await ask(subjects)
                state.withLock { state in
                    state.breaker.answered()
                    state.isDegraded = false
                    state.local.follow(decision, of: subjects, now: .now)
                }
                return decision
            } catch let error as RedisError where error.kind == .timedOut {
                state.withLock { $0.breaker.missed(at: .now) }
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

    private func ask(_ subjects: [RateLimitSubject]) async throws -> RateLimitDecision {
        let reply = try await redis().run(
            .rateLimit,
            keys: subjects.map(\.key),
            arguments: subjects.flatMap { subject in
                [
                    RedisArgument(subject.limit.interval), RedisArgument(subject.limit.capacity),
                    subject.isCounted ? "1" : "0", RedisArgument(subject.stage),
                ]
            },
            timeout: timeout
        )
        let numbers = try reply.array.map { try Int64($0.integer) }
        guard numbers.count == subjects.count + 1 else { throw RedisError(.unexpectedReply) }
        return RateLimitDecision(
            subjects,
            backlogs: Array(numbers.dropFirst()),
            refusedStage: numbers[0] < 0 ? nil : Int(numbers[0])
        )
    }
}

extension ClientAddress {
    fileprivate var tag: String { "ip:\(prefix)" }
    fileprivate var failureKey: RedisKey { RedisKey(tag: tag, "rate:failed-authentication") }
}
