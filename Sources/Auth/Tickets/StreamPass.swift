public import Primitives
public import Tenancy

/// A ticket that is good: whose it is, and what it shows.
///
/// That organisation and person are let in is for `OrganizationDirectory`; that it has one connection, for `StreamPasses`.
public struct StreamPass: Sendable, Hashable {
    public let tenantID: TenantID
    public let ticketID: TicketID
    /// A member without permissions, whatever else they are: it is for what any member may see.
    public let person: Principal.Person
    public let topics: TicketTopics
    /// How long it lasts from now on.
    public let remaining: Duration
}

/// A ticket's row, as far as it decides over a request.
struct StoredTicket: Sendable {
    /// How long one can be used for the first time, and opened again before it has shown anything to go on from.
    static let lifetime = Duration.seconds(60)
    /// How long after its first use it lasts.
    static let passLifetime = Duration.seconds(12 * 3600)

    let id: TicketID
    /// SHA-256 of its text.
    let digest: [UInt8]
    let userID: String
    let sessionID: String?
    let topics: TicketTopics
    /// Since it was made, by the database's clock.
    let age: Duration
    /// Since its first use; nil before.
    let passAge: Duration?

    /// - Parameter isResumption: the client says where it has been.
    /// - Throws: `ticket_expired`; `ticket_used` for a used one that is opened as if it were new.
    func admit(isResumption: Bool) throws(Fault) {
        guard let passAge else {
            guard age < Self.lifetime else { throw .ticketExpired }
            return
        }
        guard passAge < Self.passLifetime else { throw .ticketExpired }
        guard isResumption || age < Self.lifetime else { throw .ticketUsed }
    }
}
