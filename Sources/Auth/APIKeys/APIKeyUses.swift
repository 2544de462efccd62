public import Logging
internal import Primitives
public import ServiceLifecycle
internal import Synchronization
public import Tenancy

/// Writes down when keys were last used: at most once a minute each, behind the requests and never in their way.
///
/// A use that cannot be written is lost; the next one is not.
public final class APIKeyUses: Service, Sendable {
    private struct Use {
        let tenantID: TenantID
        let id: APIKeyID
        let time: Timestamp
    }

    private struct State {
        var noted: [APIKeyID: Timestamp] = [:]
        var waiting: [Use] = []
    }

    private static let interval = Duration.seconds(60)
    /// Bounds the memory: further uses are not noted, and what was noted is forgotten.
    private static let maximumWaiting = 10_000
    private static let maximumNoted = 50_000

    private let database: TenantDatabase
    private let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    public init(database: TenantDatabase, logger: Logger) {
        self.database = database
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() { await write() }
        await write()
    }

    func note(_ key: StoredAPIKey, at time: Timestamp) {
        let id = key.principal.id
        let isNew = state.withLock { state in
            let last = [key.lastUsedAt, state.noted[id]].compactMap(\.self).max()
            if let last, time < last + Self.interval { return false }
            guard state.waiting.count < Self.maximumWaiting else { return false }
            if state.noted.count >= Self.maximumNoted { state.noted.removeAll(keepingCapacity: true) }
            state.noted[id] = time
            state.waiting.append(Use(tenantID: key.tenantID, id: id, time: time))
            return true
        }
        if isNew { signal.yield() }
    }

    private func write() async {
        let uses = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for use in uses {
            do {
                let command = TouchAPIKey(tenantID: use.tenantID, id: use.id, time: use.time)
                try await database.execute(command, in: use.tenantID)
            } catch {
                state.withLock { $0.noted[use.id] = nil }
                logger.warning(
                    "use of an API key not written down",
                    metadata: ["api_key_id": "\(use.id)", "error": "\(error)"]
                )
            }
        }
    }
}
