public import AsyncHTTPClient
internal import FoundationEssentials
public import Logging
internal import NIOCore
internal import NIOHTTP1
public import Primitives
public import Secrets
internal import Synchronization

/// The keys that sign session tokens, kept fresh behind `JWKSState`'s rules, with one fetch at a time.
public final class JWKSProvider: Sendable {
    private struct Flight {
        var state = JWKSState()
        /// The fetch under way, for which any number of requests wait.
        var fetch: Task<Void, Never>?
    }

    private static let maximumBodySize = 256 * 1024

    private let source: JWKSSource
    private let client: HTTPClient
    private let logger: Logger
    private let fetchTimeout: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let flight = Mutex(Flight())

    /// - Parameters:
    ///   - fetchTimeout: For a whole fetch, to the last byte.
    ///   - now: Decides how old keys are; only tests give another.
    public init(
        source: JWKSSource,
        client: HTTPClient,
        logger: Logger,
        fetchTimeout: Duration = .seconds(5),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.source = source
        self.client = client
        self.logger = logger
        self.fetchTimeout = fetchTimeout
        self.now = now
    }

    /// Whether the key with this id is known, and fresh enough that nobody need fetch it again.
    func isFresh(id: String) -> Bool {
        if case .key = source { return true }
        return flight.withLock { $0.state.isFresh(id, at: now()) }
    }

    /// The key with this id; waits for a fetch where that may find it.
    /// - Throws: `token_key_unknown`, `token_keys_unavailable`.
    public func key(id: String) async throws(Fault) -> RSAPublicKey {
        if case .key(let key) = source { return key }
        let (step, fetch) = flight.withLock { flight in
            let step = flight.state.lookUp(id, at: now())
            switch step {
            case .fetch, .useAndFetch: flight.fetch = startFetch()
            default: break
            }
            return (step, flight.fetch)
        }
        switch step {
        case .use(let key), .useAndFetch(let key): return key
        case .refuse: throw .tokenKeyUnknown
        case .unavailable(let retryAfter): throw .tokenKeysUnavailable(retryAfter: retryAfter)
        case .fetch, .awaitFetch: break
        }
        await fetch?.value
        switch flight.withLock({ $0.state.settle(id, at: now()) }) {
        case .use(let key), .useAndFetch(let key): return key
        case .unavailable(let retryAfter): throw .tokenKeysUnavailable(retryAfter: retryAfter)
        case .refuse, .fetch, .awaitFetch: throw .tokenKeyUnknown
        }
    }

    /// A task of its own, because it belongs to no request: the one that began it may be cancelled while others wait.
    ///
    /// It ends within `fetchTimeout`.
    private func startFetch() -> Task<Void, Never> {
        Task {
            do {
                let keys = try await fetchKeys()
                flight.withLock { $0.state.fetched(keys, at: now()) }
            } catch {
                logger.warning("token keys could not be fetched", error: error)
                flight.withLock { $0.state.failed() }
            }
        }
    }

    private func fetchKeys() async throws -> [String: RSAPublicKey] {
        switch source {
        case .key: return [:]
        case .file(let path):
            return try JWKS.parse([UInt8](Data(contentsOf: URL(filePath: path))))
        case .url(let url):
            // The client's own time-out ends with the head of the answer; this one covers the body too.
            do {
                return try await withDeadline(fetchTimeout) { try await self.fetchKeys(from: url) }
            } catch is DeadlinePassed {
                throw JWKSError.timedOut
            }
        }
    }

    private func fetchKeys(from url: String) async throws -> [String: RSAPublicKey] {
        let response = try await client.execute(HTTPClientRequest(url: url), deadline: .distantFuture)
        guard response.status == .ok else { throw JWKSError.unexpectedStatus(response.status.code) }
        let body = try await response.body.collect(upTo: Self.maximumBodySize)
        return try JWKS.parse([UInt8](body.readableBytesView))
    }
}
