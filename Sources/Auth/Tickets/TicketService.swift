internal import Postgres
internal import Primitives
internal import Secrets
public import Tenancy

/// Tickets: what a page's `EventSource`, which cannot send headers, shows in its URL instead of a token.
///
///     made ── used within 60 s ──► a pass: one connection at a time, for 12 h, until its owner is no longer let in
public struct TicketService: Sendable {
    private let database: TenantDatabase

    public init(database: TenantDatabase) {
        self.database = database
    }

    public func create(
        _ topics: TicketTopics,
        for person: Principal.Person,
        in transaction: TenantTransaction
    ) async throws -> NewTicket {
        let token = TicketToken(newFor: transaction.tenantID)
        let insertion = InsertTicket(token: token, id: .next(), person: person, topics: topics)
        guard let expiresAt = try await transaction.queryFirst(insertion) else {
            throw Fault(.internalFailure, .internalFailure)
        }
        return NewTicket(id: insertion.id, expiresAt: expiresAt, text: token.text)
    }

    /// The order of checks: form and checksum, which ask nobody; the ticket found by its tenant and prefix, its hash
    /// compared in constant time; then whether its time is over.
    ///
    /// - Parameter isResumption: the client says where it has been.
    /// - Throws: `ticket_malformed`, `ticket_invalid`, `ticket_expired`, `ticket_used`; `database_unavailable`.
    public func verify(_ text: String, isResumption: Bool) async throws -> StreamPass {
        let token = try TicketToken(text)
        let selection = SelectTicketByPrefix(tenantID: token.tenantID, prefix: token.prefix)
        let stored = try await database.queryFirst(selection, in: token.tenantID)
        guard token.matches(stored?.digest), let stored else { throw Fault.ticketInvalid }
        try stored.admit(isResumption: isResumption)
        return StreamPass(
            tenantID: token.tenantID,
            ticketID: stored.id,
            person: Principal.Person(
                userID: stored.userID,
                sessionID: stored.sessionID,
                role: .member,
                permissions: []
            ),
            topics: stored.topics,
            remaining: StoredTicket.passLifetime - (stored.passAge ?? .zero)
        )
    }
}
