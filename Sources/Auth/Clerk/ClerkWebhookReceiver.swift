public import Logging
public import Primitives
public import Secrets
public import Tenancy

/// Receives Clerk's webhooks (signed by Svix): verifies the bytes as they came, stores them, applies what we act on.
public struct ClerkWebhookReceiver: Sendable {
    public enum Outcome: Sendable, Hashable {
        /// Stored, and applied where we act on the type.
        case applied, stored
        /// Stored before; nothing was done.
        case duplicate
        /// Signed by Clerk, but not an event as we know them: stored, logged, not applied.
        case undecodable
    }

    private let secrets: [WebhookSecret]
    private let organizations: OrganizationSync
    private let accounts: AccountSync
    private let clock: WallClock
    private let logger: Logger

    /// - Parameter secrets: One; two while one takes over from the other.
    public init(
        secrets: [WebhookSecret],
        organizations: OrganizationSync,
        accounts: AccountSync,
        clock: WallClock = .system,
        logger: Logger
    ) {
        self.secrets = secrets
        self.organizations = organizations
        self.accounts = accounts
        self.clock = clock
        self.logger = logger
    }

    /// Whatever is returned is to be answered with 2xx: Svix sends again what is not.
    ///
    /// - Parameters:
    ///   - headers: `svix-id`, `svix-timestamp`, `svix-signature`.
    ///   - body: The bytes that came, before any decoding.
    ///   - address: From where.
    /// - Throws: `webhook_headers_missing`, `webhook_timestamp_invalid`, `webhook_signature_invalid`; and what Postgres
    ///   throws, which is worth another attempt.
    public func receive(
        headers: WebhookHeaders,
        body: [UInt8],
        from address: ClientAddress? = nil,
        requestID: RequestID? = nil
    ) async throws -> Outcome {
        let id = try verifiedID(headers, body: body)
        let origin = Origin(Principal.Actor(.clerk, id), address: address, requestID: requestID)
        let event: ClerkEvent
        do {
            event = try ClerkEvent(body)
        } catch {
            logger.error("signed Clerk event not understood", error: error, metadata: ["svix-id": "\(id)"])
            let delivery = ClerkDelivery(tenantID: .system, id: id, type: "", body: body)
            return try await organizations.apply(nil, of: delivery, by: origin) ? .undecodable : .duplicate
        }
        let delivery = ClerkDelivery(
            tenantID: event.organizationID.map(TenantID.init(clerkOrganizationID:)) ?? .system,
            id: id,
            type: event.type,
            body: body
        )
        switch event.change {
        case .organization(let change):
            return try await organizations.apply(change, of: delivery, by: origin) ? .applied : .duplicate
        case .account(let change): return try await accounts.apply(change, of: delivery) ? .applied : .duplicate
        case .none: return try await organizations.apply(nil, of: delivery, by: origin) ? .stored : .duplicate
        }
    }

    private func verifiedID(_ headers: WebhookHeaders, body: [UInt8]) throws(Fault) -> String {
        switch StandardWebhooks.verify(headers, body: body, with: secrets, now: clock.now()) {
        case .accepted(let id, _): return id
        case .refused(.missingID), .refused(.missingTimestamp), .refused(.missingSignature):
            throw .webhookHeadersMissing
        case .refused(.malformedTimestamp), .refused(.tooOld), .refused(.tooNew): throw .webhookTimestampInvalid
        case .refused(.malformedID), .refused(.wrongSignature): throw .webhookSignatureInvalid
        }
    }
}
