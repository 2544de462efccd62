package import Primitives

/// Who calls, as proven by a credential.
package struct Principal: Hashable, Sendable {
    /// Clerk's user id, `user_…`.
    package let userID: String
    /// Clerk's session id, `sess_…`, where the token names one.
    package let sessionID: String?
    package let role: Role
    package let permissions: Set<Permission>

    package init(userID: String, sessionID: String?, role: Role, permissions: Set<Permission>) {
        self.userID = userID
        self.sessionID = sessionID
        self.role = role
        self.permissions = permissions
    }

    /// Admins may do everything in their organisation; others what every member may, and what Clerk granted them.
    package func holds(_ permission: Permission) -> Bool {
        role == .admin || permission == .memberAccess || permissions.contains(permission)
    }
}

/// A request's proven place: the tenant, who calls, and how to answer them.
package struct TenantContext: Sendable {
    package let organization: Organization
    package let principal: Principal
    package let language: Language
    package let requestID: RequestID

    package var tenantID: TenantID { organization.id }

    package init(organization: Organization, principal: Principal, language: Language, requestID: RequestID) {
        self.organization = organization
        self.principal = principal
        self.language = language
        self.requestID = requestID
    }

    /// - Throws: `forbidden`, naming the permission that is missing.
    package func require(_ permission: Permission) throws(Fault) {
        guard principal.holds(permission) else { throw .missingPermission(permission) }
    }
}
