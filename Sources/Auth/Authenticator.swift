public import Primitives
public import Tenancy

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

/// Who a credential belongs to; whether the organisation lets them in is for `OrganizationDirectory`.
public enum AuthenticatedCaller: Sendable, Hashable {
    case person(OrganizationClaim)
    case key(VerifiedAPIKey)
    case pass(StreamPass)

    public var tenantID: TenantID {
        switch self {
        case .person(let claim): claim.tenantID
        case .key(let key): key.tenantID
        case .pass(let pass): pass.tenantID
        }
    }

    public var principal: Principal {
        switch self {
        case .person(let claim): .person(claim.person)
        case .key(let key): .key(key.principal)
        case .pass(let pass): .person(pass.person)
        }
    }

    /// A key's own limit instead of the installation's.
    public var requestsPerMinute: Int? {
        if case .key(let key) = self { key.requestsPerMinute } else { nil }
    }

    public var pass: StreamPass? {
        if case .pass(let pass) = self { pass } else { nil }
    }

    /// - Throws: what the directory throws where the caller is not let in.
    public func organization(in directory: OrganizationDirectory) async throws -> Organization {
        switch self {
        case .person(let claim): try await directory.organization(for: claim)
        case .key(let key): try await directory.organization(key.tenantID, for: key.principal)
        case .pass(let pass): try await directory.organization(pass.tenantID, for: pass.person)
        }
    }
}
