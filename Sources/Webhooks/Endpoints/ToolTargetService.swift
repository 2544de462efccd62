public import Events
internal import Jobs
internal import Postgres
public import Primitives
public import Secrets
public import Tenancy

/// Where a tool sends what it is called with, or a lead capture its lead: an endpoint that `/webhooks` does not show, that
/// no event matches, and that counts in no limit.
///
/// What is sent there is a delivery as any other, with its attempts, retries, rate and retention. The agents' tools are to
/// stand on it; until they are there, only tests call it.
public struct ToolTargetService: Sendable {
    private let endpoints: WebhookEndpointService
    private let clock: WallClock

    public init(endpoints: WebhookEndpointService, clock: WallClock = .system) {
        self.endpoints = endpoints
        self.clock = clock
    }

    /// - Parameters:
    ///   - settings: as of a webhook; its events are of no account.
    ///   - secret: nil for one of our making.
    /// - Returns: the secret too, which is not told again.
    /// - Throws: `validation_error` for the URL.
    public func create(
        _ settings: WebhookEndpoint.Settings,
        headers: [WebhookHeader] = [],
        secret: WebhookSecret? = nil,
        in transaction: TenantTransaction
    ) async throws -> (id: WebhookID, secret: Redacted<String>) {
        let secret = secret ?? .generate()
        let id = try await endpoints.insert(settings, headers, secret, of: .tool, limit: nil, in: transaction)
        return (id, secret.text)
    }

    /// Nothing is sent there from the commit on but what is being sent already.
    ///
    /// - Throws: `webhook_not_found`.
    public func retire(_ id: WebhookID, in transaction: TenantTransaction) async throws {
        let delete = DeleteEndpoint(tenantID: transaction.tenantID, id: id, kind: .tool)
        guard try await transaction.execute(delete) == 1 else { throw Fault.webhookNotFound }
    }

    /// - Returns: the delivery's id, which each attempt has as its `webhook-id`.
    /// - Throws: `webhook_not_found`.
    public func send(
        _ data: JSON,
        as type: EventType,
        to id: WebhookID,
        in transaction: TenantTransaction
    ) async throws -> EventID {
        let tenantID = transaction.tenantID
        guard try await transaction.queryFirst(SelectToolTarget(tenantID: tenantID, id: id)) != nil else {
            throw Fault.webhookNotFound
        }
        let message = WebhookMessage(id: .next(), type: type, payload: data.description, occurredAt: clock.now())
        try await transaction.execute(InsertDirectMessage(tenantID: tenantID, endpointID: id, message: message))
        let piece = DeliveryPiece(endpointID: id, eventID: message.id, round: 0, trigger: .automatic)
        try await transaction.enqueue(DeliverWebhook(piece))
        return message.id
    }
}
