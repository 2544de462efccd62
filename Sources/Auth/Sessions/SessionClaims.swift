internal import Primitives

/// The claims of a token whose signature was checked, with their types checked too.
struct SessionClaims {
    let subject: String
    let issuer: String
    let authorizedParty: String?
    /// nil where the token names none.
    let audiences: [String]?
    let expiresAt: Timestamp
    let notBefore: Timestamp
    let issuedAt: Timestamp
    let sessionID: String?
    /// nil where Clerk says nothing, which means active.
    let status: String?
    let organization: OrganizationClaims?

    /// - Parameter verifiedPayload: What a good signature is over.
    /// - Throws: `token_malformed`, also for a text that Postgres could not store; `token_claims_invalid`.
    init(verifiedPayload: [UInt8]) throws(Fault) {
        guard let document = try? JSON.parse(verifiedPayload), document.unstorablePaths.isEmpty,
            let claims = document.root.object
        else { throw .tokenMalformed }
        try self.init(claims)
    }

    init(_ claims: JSONObject) throws(Fault) {
        subject = try claims.requiredText("sub")
        // Clerk's machines and service accounts have other prefixes.
        guard subject.hasPrefix("user_") else { throw .tokenClaimInvalid("sub") }
        issuer = try claims.requiredText("iss")
        authorizedParty = try claims.text("azp")
        audiences = try Self.audiences(claims)
        expiresAt = try claims.requiredTime("exp")
        notBefore = try claims.requiredTime("nbf")
        issuedAt = try claims.requiredTime("iat")
        sessionID = try claims.text("sid")
        // Nobody reads it, but Clerk's own library refuses one that is no text.
        _ = try claims.text("jti")
        status = try claims.text("sts")
        organization = try OrganizationClaims(claims)
    }

    private static func audiences(_ claims: JSONObject) throws(Fault) -> [String]? {
        switch claims["aud"] {
        case nil: return nil
        case .string(let audience): return [audience]
        case .array(let elements):
            let audiences = elements.compactMap(\.string)
            guard audiences.count == elements.count else { throw .tokenClaimInvalid("aud") }
            return audiences
        default: throw .tokenClaimInvalid("aud")
        }
    }
}

/// A person's place in the organisation that is active in the session.
struct OrganizationClaims {
    let id: String
    let slug: String?
    /// With or without the prefix `org:`.
    let role: String
    let permissions: [String]

    /// - Returns: nil where no organisation is active.
    init?(_ claims: JSONObject) throws(Fault) {
        switch claims["v"]?.double {
        case nil where claims["v"] == nil, 1: try self.init(version1: claims)
        case 2: try self.init(version2: claims)
        default: throw .tokenClaimInvalid("v")
        }
    }

    private init?(version1 claims: JSONObject) throws(Fault) {
        guard let id = try claims.text("org_id") else { return nil }
        self.id = id
        slug = try claims.nullableText("org_slug")
        role = try claims.requiredText("org_role")
        guard let permissions = (claims["org_permissions"] ?? []).array?.map(\.string),
            permissions.allSatisfy({ $0 != nil })
        else { throw .tokenClaimInvalid("org_permissions") }
        self.permissions = permissions.compactMap(\.self)
    }

    private init?(version2 claims: JSONObject) throws(Fault) {
        let features = try claims.text("fea")
        switch claims["o"] {
        case nil: return nil
        case .object(let organization):
            id = try organization.requiredText("id")
            slug = try organization.nullableText("slg")
            role = try organization.requiredText("rol")
            permissions = FeaturePermissions.decode(
                features: features ?? "",
                permissions: try organization.text("per") ?? "",
                map: try organization.text("fpm") ?? ""
            )
        default: throw .tokenClaimInvalid("o")
        }
    }
}

extension JSONObject {
    /// - Returns: nil where it is missing.
    fileprivate func text(_ name: String) throws(Fault) -> String? {
        guard let claim = self[name] else { return nil }
        guard let text = claim.string else { throw .tokenClaimInvalid(name) }
        return text
    }

    /// As `text`, where null means missing.
    fileprivate func nullableText(_ name: String) throws(Fault) -> String? {
        self[name] == .null ? nil : try text(name)
    }

    fileprivate func requiredText(_ name: String) throws(Fault) -> String {
        guard let text = try text(name), !text.isEmpty else { throw .tokenClaimInvalid(name) }
        return text
    }

    /// Whole seconds since the epoch, up to the year 9999.
    fileprivate func requiredTime(_ name: String) throws(Fault) -> Timestamp {
        guard let seconds = self[name]?.integer, (0...253_402_300_799).contains(seconds) else {
            throw .tokenClaimInvalid(name)
        }
        return Timestamp(secondsSinceEpoch: Int64(seconds))
    }
}
