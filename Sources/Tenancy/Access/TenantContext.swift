public import Primitives

/// A request's proven place: the tenant, who calls, and how to answer them.
public struct TenantContext: Sendable {
    public let organization: Organization
    public let principal: Principal
    public let language: Language
    public let requestID: RequestID

    public var tenantID: TenantID { organization.id }

    public init(organization: Organization, principal: Principal, language: Language, requestID: RequestID) {
        self.organization = organization
        self.principal = principal
        self.language = language
        self.requestID = requestID
    }

    /// - Throws: `permission_denied`, `api_key_scope_missing` or `people_only`, naming what is missing.
    public func require(_ rule: AccessRule) throws(Fault) {
        try principal.require(rule)
    }
}
