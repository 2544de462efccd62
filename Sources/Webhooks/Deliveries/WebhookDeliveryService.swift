internal import Jobs
internal import Postgres
public import Primitives
public import Tenancy

/// What was sent to a tenant's endpoints, and sending it again.
public struct WebhookDeliveryService: Sendable {
    private let database: TenantDatabase
    private let clock: WallClock

    public init(database: TenantDatabase, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    /// Newest first.
    ///
    /// - Parameter state: nil for all.
    /// - Throws: `webhook_not_found`.
    public func deliveries(
        to endpointID: WebhookID,
        in state: WebhookDelivery.State? = nil,
        _ request: PageRequest,
        of tenantID: TenantID
    ) async throws -> Page<WebhookDelivery> {
        let rows = try await database.transaction(in: tenantID) { transaction in
            try await transaction.requireEndpoint(endpointID)
            guard let state else {
                return try await transaction.query(
                    SelectDeliveries(tenantID: tenantID, endpointID: endpointID, request: request)
                )
            }
            return try await transaction.query(
                SelectDeliveriesInState(tenantID: tenantID, endpointID: endpointID, request: request, state: state)
            )
        }
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `webhook_not_found`, `webhook_delivery_not_found`.
    public func delivery(
        _ id: EventID,
        to endpointID: WebhookID,
        of tenantID: TenantID
    ) async throws -> WebhookDeliveryDetail {
        try await database.transaction(in: tenantID) { transaction in
            try await transaction.requireEndpoint(endpointID)
            let (found, attempts) = try await transaction.batch(
                SelectDelivery(tenantID: tenantID, endpointID: endpointID, id: id),
                SelectAttempts(tenantID: tenantID, endpointID: endpointID, id: id)
            )
            guard let found = found.first else { throw Fault.webhookDeliveryNotFound }
            return WebhookDeliveryDetail(delivery: found.delivery, body: found.body, attempts: attempts)
        }
    }

    /// Sends a delivery again, whatever became of it, and follows the schedule where that fails; of an endpoint that is
    /// disabled it is one attempt.
    ///
    /// - Throws: `webhook_not_found`, `webhook_delivery_not_found`.
    public func redeliver(
        _ id: EventID,
        to endpointID: WebhookID,
        in transaction: TenantTransaction
    ) async throws -> WebhookDelivery {
        let tenantID = transaction.tenantID
        try await transaction.requireEndpoint(endpointID)
        let begin = BeginRound(tenantID: tenantID, endpointID: endpointID, id: id)
        guard let round = try await transaction.queryFirst(begin) else { throw Fault.webhookDeliveryNotFound }
        let send = DeliveryPiece(endpointID: endpointID, eventID: id, round: round, trigger: .manual)
        try await transaction.enqueue(RetryWebhook(send))
        return try await delivery(id, to: endpointID, in: transaction)
    }

    /// Sends an event of type `webhook_test` to this endpoint only, once, also where it is disabled.
    ///
    /// - Throws: `webhook_not_found`.
    public func test(_ endpointID: WebhookID, in transaction: TenantTransaction) async throws -> WebhookDelivery {
        try await transaction.requireEndpoint(endpointID)
        let id = try await transaction.enqueueTest(to: endpointID, as: .test, at: clock.now())
        return try await delivery(id, to: endpointID, in: transaction)
    }

    private func delivery(
        _ id: EventID,
        to endpointID: WebhookID,
        in transaction: TenantTransaction
    ) async throws -> WebhookDelivery {
        let select = SelectDelivery(tenantID: transaction.tenantID, endpointID: endpointID, id: id)
        guard let found = try await transaction.queryFirst(select) else { throw Fault.webhookDeliveryNotFound }
        return found.delivery
    }
}
