internal import Secrets

/// What is known of a key set and when it may be fetched: a value without I/O, told the time by its caller.
///
/// However many tokens with unknown keys come, a fetch starts at most once per cooldown; however long fetches fail, the
/// keys that are known go on working until the stale limit.
struct JWKSState {
    typealias Instant = ContinuousClock.Instant

    /// After this the keys are fetched again, in the background.
    static let refreshInterval = Duration.seconds(10 * 60)
    /// After this keys that could not be fetched again are no longer trusted.
    static let staleLimit = Duration.seconds(24 * 60 * 60)
    /// At least this lies between the starts of two fetches.
    static let cooldown = Duration.seconds(30)
    /// Ids remembered as unknown; beyond, an id is looked for again after each cooldown.
    static let maximumUnknownIDs = 1024

    enum Step {
        case use(RSAPublicKey)
        /// As `use`, and a fetch begins that nobody waits for.
        case useAndFetch(RSAPublicKey)
        /// A fetch begins, or is under way, after which `settle` decides.
        case fetch, awaitFetch
        case refuse
        /// There is no key that can be trusted, for at least this long.
        case unavailable(retryAfter: Duration)
    }

    private var keys: [String: RSAPublicKey] = [:]
    private var fetchedAt: Instant?
    private var startedAt: Instant?
    private var isFetching = false
    private var lastFetchFailed = false
    private var unknownIDs: [String: Instant] = [:]

    func isFresh(_ id: String, at now: Instant) -> Bool {
        usableKey(id, at: now) != nil && !isOlder(than: Self.refreshInterval, at: now)
    }

    /// What to do for a token with this key id.
    ///
    /// After a step that says fetch, `fetched` or `failed` must follow.
    mutating func lookUp(_ id: String, at now: Instant) -> Step {
        let mayFetch = !isFetching && (startedAt.map { now - $0 >= Self.cooldown } ?? true)
        if let key = usableKey(id, at: now) {
            guard mayFetch, isOlder(than: Self.refreshInterval, at: now) else { return .use(key) }
            start(at: now)
            return .useAndFetch(key)
        }
        guard isFetching || mayFetch, !isKnownAsUnknown(id, at: now) else { return refusal(at: now) }
        if isFetching { return .awaitFetch }
        start(at: now)
        return .fetch
    }

    /// What to do after the fetch that `lookUp` had a token wait for.
    mutating func settle(_ id: String, at now: Instant) -> Step {
        if let key = usableKey(id, at: now) { return .use(key) }
        remember(unknown: id, at: now)
        return refusal(at: now)
    }

    mutating func fetched(_ keys: [String: RSAPublicKey], at now: Instant) {
        self.keys = keys
        fetchedAt = now
        isFetching = false
        lastFetchFailed = false
        for id in keys.keys { unknownIDs[id] = nil }
    }

    mutating func failed() {
        isFetching = false
        lastFetchFailed = true
    }

    var unknownIDCount: Int { unknownIDs.count }

    private mutating func start(at now: Instant) {
        isFetching = true
        startedAt = now
    }

    private func usableKey(_ id: String, at now: Instant) -> RSAPublicKey? {
        isOlder(than: Self.staleLimit, at: now) ? nil : keys[id]
    }

    private func isOlder(than age: Duration, at now: Instant) -> Bool {
        guard let fetchedAt else { return true }
        return now - fetchedAt >= age
    }

    private func refusal(at now: Instant) -> Step {
        guard isOlder(than: Self.staleLimit, at: now) else { return .refuse }
        let untilNextFetch = startedAt.map { Self.cooldown - (now - $0) } ?? .zero
        return .unavailable(retryAfter: max(.seconds(1), untilNextFetch))
    }

    private func isKnownAsUnknown(_ id: String, at now: Instant) -> Bool {
        unknownIDs[id].map { now < $0 } ?? false
    }

    /// Only after a set came that lacks the id: a failed fetch says nothing of it.
    private mutating func remember(unknown id: String, at now: Instant) {
        guard !lastFetchFailed, id.utf8.count <= JWKS.maximumKeyIDSize else { return }
        if unknownIDs.count >= Self.maximumUnknownIDs { unknownIDs = unknownIDs.filter { now < $0.value } }
        guard unknownIDs.count < Self.maximumUnknownIDs else { return }
        unknownIDs[id] = now + Self.refreshInterval
    }
}
