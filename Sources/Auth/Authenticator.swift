internal import Primitives

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

    /// Who a credential belongs to that was verified before; asks nobody.
    /// - Returns: nil where it has to be verified, whatever that comes to.
    public func recall(_ credential: Credential) -> AuthenticatedCaller? {
        switch credential {
        case .bearer(let token) where token.exposed.hasPrefix(credentialBrand):
            keys.recall(token.exposed).map { .key($0) }
        case .bearer(let token): recall(session: token)
        // The first one that is ours is the caller's: another one says nothing while that is not known.
        case .sessionCookies(let tokens): tokens.first.flatMap { recall(session: $0) }
        case .ticket: nil
        }
    }

    private func recall(session token: Redacted<String>) -> AuthenticatedCaller? {
        (try? sessions.recall(token.exposed)?.requireOrganization()).map { .person($0) }
    }

    /// - Throws: what `ClerkTokenVerifier`, `APIKeyVerifier` or `TicketService` throws when it verifies, and
    ///   `organization_required`.
    public func authenticate(_ credential: Credential) async throws -> AuthenticatedCaller {
        switch credential {
        case .bearer(let token) where token.exposed.hasPrefix(credentialBrand):
            .key(try await keys.verify(token.exposed))
        case .bearer(let token): .person(try await sessions.verify([token]).requireOrganization())
        case .sessionCookies(let tokens): .person(try await sessions.verify(tokens).requireOrganization())
        case .ticket(let text, let isResumption):
            .pass(try await tickets.verify(text.exposed, isResumption: isResumption))
        }
    }
}
