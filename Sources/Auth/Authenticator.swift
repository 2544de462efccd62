public import Primitives

/// Finds out who a credential belongs to, of whichever kind it is.
public struct Authenticator: Sendable {
    private let sessions: ClerkTokenVerifier
    private let keys: APIKeyVerifier
    private let tickets: TicketService

    public init(sessions: ClerkTokenVerifier, keys: APIKeyVerifier, tickets: TicketService) {
        self.sessions = sessions
        self.keys = keys
        self.tickets = tickets
    }

    /// - Parameter admit: called before a credential that is not remembered is verified or looked up; throws where that
    ///   shall not be.
    /// - Throws: what `ClerkTokenVerifier`, `APIKeyVerifier` or `TicketService` throws when it verifies, and
    ///   `organization_required`.
    public func authenticate(
        _ credential: Credential,
        admittingUnknown admit: () async throws(Fault) -> Void
    ) async throws -> AuthenticatedCaller {
        switch credential {
        case .bearer(let token) where token.exposed.hasPrefix(credentialBrand):
            return .key(try await keys.verify(token.exposed, admittingUnknown: admit))
        case .bearer(let token):
            return .person(try await sessions.verify([token], admittingUnknown: admit).requireOrganization())
        case .sessionCookies(let tokens):
            return .person(try await sessions.verify(tokens, admittingUnknown: admit).requireOrganization())
        case .ticket(let text, let isResumption):
            try await admit()
            return .pass(try await tickets.verify(text.exposed, isResumption: isResumption))
        }
    }
}
