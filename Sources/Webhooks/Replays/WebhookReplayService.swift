internal import FoundationEssentials
internal import Jobs
internal import Postgres
public import Primitives
public import Tenancy

/// Sends an endpoint again whatever it did not get since some time.
///
/// It goes on over restarts, at its own pace, in pages; a second one of the same time sends nothing twice, since each
/// begins a new round of a delivery and ends the one before.
public struct WebhookReplayService: Sendable {
    private let database: TenantDatabase
    private let clock: WallClock

    public init(database: TenantDatabase, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    /// How many deliveries a replay since then would concern now.
    ///
    /// - Throws: `webhook_not_found`.
    public func count(
        to endpointID: WebhookID,
        since: Timestamp,
        in transaction: TenantTransaction
    ) async throws -> Int {
        try await transaction.requireEndpoint(endpointID)
        return try await transaction.countUnsuccessful(of: endpointID, EventSpan(from: since, through: clock.now()))
    }

    /// - Throws: `webhook_not_found`, `webhook_not_active`.
    public func begin(
        to endpointID: WebhookID,
        since: Timestamp,
        in transaction: TenantTransaction
    ) async throws -> WebhookReplay {
        let select = SelectEndpoint(tenantID: transaction.tenantID, id: endpointID)
        guard let endpoint = try await transaction.queryFirst(select) else { throw Fault.webhookNotFound }
        guard endpoint.settings.isActive else { throw Fault.webhookNotActive }
        let span = EventSpan(from: since, through: clock.now())
        let total = try await transaction.countUnsuccessful(of: endpointID, span)
        let id = try await transaction.enqueueReplay(
            to: endpointID,
            isRelease: false,
            since: since,
            total: total,
            over: span
        )
        return try await replay(id, in: transaction)
    }

    /// How far it came.
    ///
    /// - Throws: `webhook_replay_not_found`, also for one to another endpoint.
    public func replay(
        _ id: WebhookReplayID,
        to endpointID: WebhookID,
        of tenantID: TenantID
    ) async throws -> WebhookReplay {
        let found = try await database.queryFirst(SelectReplay(tenantID: tenantID, id: id), in: tenantID)
        guard let found, found.endpointID == endpointID else { throw Fault.webhookReplayNotFound }
        return found
    }

    private func replay(_ id: WebhookReplayID, in transaction: TenantTransaction) async throws -> WebhookReplay {
        let found = try await transaction.queryFirst(SelectReplay(tenantID: transaction.tenantID, id: id))
        guard let found else { throw Fault.webhookReplayNotFound }
        return found
    }
}

extension TenantTransaction {
    fileprivate func countUnsuccessful(of endpointID: WebhookID, _ span: EventSpan) async throws -> Int {
        try await queryFirst(CountUnsuccessful(tenantID: tenantID, endpointID: endpointID, span: span)) ?? 0
    }

    /// Sends what was held for an endpoint, since it is enabled again, or waits for others or for a turn, since it need not.
    ///
    /// - Parameter delay: half a minute where something may be held meanwhile: a relay, or a worker, that still saw it disabled
    ///   has committed what it holds by then, since no transaction of ours lasts so long.
    func releaseHeld(of endpointID: WebhookID, delay: Duration = .seconds(30)) async throws {
        try await enqueueReplay(
            to: endpointID,
            isRelease: true,
            since: Timestamp(secondsSinceEpoch: 0),
            total: 0,
            over: .all,
            delay: delay
        )
    }

    @discardableResult
    fileprivate func enqueueReplay(
        to endpointID: WebhookID,
        isRelease: Bool,
        since: Timestamp,
        total: Int,
        over span: EventSpan,
        delay: Duration = .zero
    ) async throws -> WebhookReplayID {
        let id = WebhookReplayID.next()
        try await execute(
            InsertReplay(
                tenantID: tenantID,
                id: id,
                endpointID: endpointID,
                isRelease: isRelease,
                since: since,
                total: total,
                span: span
            )
        )
        try await enqueue([ReplayWebhooks(replayID: id).page(after: 0, delay: delay)])
        return id
    }
}
