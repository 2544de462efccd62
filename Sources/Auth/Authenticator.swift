public import Primitives
public import Tenancy

/// Finds out who a credential belongs to, of whichever kind it is.
public struct Authenticator: Sendable {
    private let sessions: ClerkTokenVerifier
    private let keys: APIKeyVerifier

    public init(sessions: ClerkTokenVerifier, keys: APIKeyVerifier) {
        self.sessions = sessions
        self.keys = keys
    }

    /// - Throws: what `ClerkTokenVerifier.verify` or `APIKeyVerifier.verify` throws, and `organization_required`.
    public func authenticate(_ credential: Credential) async throws -> AuthenticatedCaller {
        if case .bearer(let token) = credential, token.exposed.hasPrefix(APIKeyToken.brand) {
            return .key(try await keys.verify(token.exposed))
        }
        return .person(try await sessions.verify(credential).requireOrganization())
    }
}

/// Who a credential belongs to; whether the organisation lets them in is for `OrganizationDirectory`.
public enum AuthenticatedCaller: Sendable, Hashable {
    case person(OrganizationClaim)
    case key(VerifiedAPIKey)

    public var tenantID: TenantID {
        switch self {
        case .person(let claim): claim.tenantID
        case .key(let key): key.tenantID
        }
    }

    public var principal: Principal {
        switch self {
        case .person(let claim): .person(claim.person)
        case .key(let key): .key(key.principal)
        }
    }

    /// A key's own limit instead of the installation's.
    public var requestsPerMinute: Int? {
        if case .key(let key) = self { key.requestsPerMinute } else { nil }
    }

    /// - Throws: what the directory throws where the caller is not let in.
    public func organization(in directory: OrganizationDirectory) async throws -> Organization {
        switch self {
        case .person(let claim): try await directory.organization(for: claim)
        case .key(let key): try await directory.organization(key.tenantID, for: key.principal)
        }
    }
}
