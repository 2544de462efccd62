public import Logging
internal import Postgres
internal import Primitives
public import ServiceLifecycle
internal import Synchronization
public import Tenancy

/// Sees to it that each pass has one open connection, on whichever server, and that the newest is it.
///
/// A connection first says in the pass's row that it wants to be the one. The one that is open is told to close, here at
/// once and on other servers by a revocation; the new one opens when the old one has let go of the row. So no two are open
/// at a time, unless a server was lost, or could not write for `patience`.
public final class StreamPasses: Service {
    /// Until the row is looked at for the first time, and doubled up to the longest.
    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.milliseconds(500)

    private struct Open {
        let tenantID: TenantID
        let close: @Sendable () -> Void
        var isTakenOver = false
    }

    private struct State {
        /// Of this process.
        var connections: [ConnectionID: Open] = [:]
        var released: [ReleasePass] = []
    }

    private let database: TenantDatabase
    private let patience: Duration
    private let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter patience: how long an older connection may take to close: above the 2 s in which every process learns
    ///   of revocations.
    public init(database: TenantDatabase, patience: Duration = .seconds(5), logger: Logger) {
        self.database = database
        self.patience = patience
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Lets go of the rows of connections that ended.
    public func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() { await release() }
        await release()
    }

    /// Returns when the connection is its pass's only one; it then is until what was returned is let go.
    ///
    /// - Parameter close: ends the connection where a newer one wants to be it; perhaps more than once.
    /// - Throws: `stream_taken_over` where a newer one wanted to be it meanwhile; `ticket_expired` where there is no such
    ///   ticket any more; `database_unavailable`.
    public func open(_ pass: StreamPass, closing close: @escaping @Sendable () -> Void) async throws -> PassConnection {
        let connection = PassConnection(pass, of: self)
        state.withLock { $0.connections[connection.id] = Open(tenantID: pass.tenantID, close: close) }
        let claim = ClaimPass(pass: pass, connectionID: connection.id)
        guard let open = try await database.queryFirst(claim, in: pass.tenantID) else { throw Fault.ticketExpired }
        guard open != connection.id else { return connection }
        try await evict(open, of: pass)
        let deadline = ContinuousClock.now + patience
        var pause = Self.firstPause
        while true {
            // Another server tells of its connection's end in the row and nowhere else, so the row is asked again, ever later.
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
            let taking = TakePass(pass: pass, connectionID: connection.id, isForced: .now >= deadline)
            switch try await database.queryFirst(taking, in: pass.tenantID) {
            case true: return connection
            case false: continue
            case nil: throw Fault.streamTakenOver
            }
        }
    }

    /// Closes those connections that newer ones want to take the place of.
    public func close(_ revocations: Revocations) {
        let ids = state.withLock { state in
            state.connections.filter { revocations.cover($0.key, of: $0.value.tenantID) }.map(\.key)
        }
        for id in ids { close(id) }
    }

    private func evict(_ id: ConnectionID, of pass: StreamPass) async throws {
        guard !close(id) else { return }
        try await database.transaction(in: pass.tenantID) { try await $0.announce(.connection(id)) }
    }

    /// - Returns: whether it is one of this process.
    @discardableResult
    private func close(_ id: ConnectionID) -> Bool {
        let close = state.withLock { state in
            state.connections[id]?.isTakenOver = true
            return state.connections[id]?.close
        }
        close?()
        return close != nil
    }

    fileprivate func isTakenOver(_ id: ConnectionID) -> Bool {
        state.withLock { $0.connections[id]?.isTakenOver ?? false }
    }

    fileprivate func ended(_ id: ConnectionID, of pass: StreamPass) {
        state.withLock { state in
            state.connections[id] = nil
            state.released.append(ReleasePass(pass: pass, connectionID: id))
        }
        signal.yield()
    }

    private func release() async {
        let released = state.withLock { state in
            defer { state.released = [] }
            return state.released
        }
        for release in released {
            do {
                try await database.execute(release, in: release.pass.tenantID)
            } catch {
                // The pass's next connection waits, and then no longer.
                logger.warning("a stream pass is not let go", error: error)
            }
        }
    }
}

/// Being the one open connection of a pass, for as long as this is kept.
public final class PassConnection: Sendable {
    let id = ConnectionID.next()
    private let pass: StreamPass
    private let passes: StreamPasses

    fileprivate init(_ pass: StreamPass, of passes: StreamPasses) {
        self.pass = pass
        self.passes = passes
    }

    /// Whether it was told to close for a newer one.
    public var isTakenOver: Bool { passes.isTakenOver(id) }

    deinit {
        passes.ended(id, of: pass)
    }
}
