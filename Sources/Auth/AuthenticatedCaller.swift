public import Primitives
public import Tenancy

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
