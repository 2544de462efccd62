internal import FoundationEssentials
public import Primitives
public import Secrets
public import Tenancy

/// Plays Clerk for development and tests: session tokens and webhooks in Clerk's shapes, which the server verifies
/// exactly as it verifies Clerk's.
///
/// Must not exist in production.
public struct DevelopmentIssuer: Sendable {
    public let issuer: String
    public let authorizedParty: String
    /// The key set, for `JWKSSource.file`.
    public let jwksPath: String
    public let webhookSecret: WebhookSecret
    public let keyID: String

    private let key: RSAPrivateKey
    private let clock: WallClock

    /// Opens the issuer whose key and webhook secret are in the directory, and makes them where there are none.
    ///
    /// - Parameters:
    ///   - directory: Made where it is missing, readable by its owner alone.
    ///   - issuer: The `iss` of its tokens.
    ///   - authorizedParty: The `azp` of its tokens: the origin of the pages that use them.
    public init(directory: String, issuer: String, authorizedParty: String, clock: WallClock = .system) throws {
        let directory = URL(filePath: directory, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        key = try RSAPrivateKey(pem: Self.madeOnce("issuer.pem", in: directory) { try RSAPrivateKey.generate().pem })
        webhookSecret = try WebhookSecret(
            Self.madeOnce("webhook.secret", in: directory) { WebhookSecret.generate().text.exposed }
        )
        let publicKey = key.publicKey
        keyID = "ins_dev" + SHA256.digest(publicKey.modulus.utf8).hexadecimal.prefix(20)
        let jwks = JWKS.encode(publicKey, id: keyID)
        let jwksFile = directory.appending(path: "jwks.json")
        if (try? Data(contentsOf: jwksFile)) != Data(jwks) { try Data(jwks).write(to: jwksFile, options: .atomic) }
        jwksPath = jwksFile.path
        self.issuer = issuer
        self.authorizedParty = authorizedParty
        self.clock = clock
    }

    /// A session token with Clerk's v2 claims, valid from now on.
    public func token(for session: DevelopmentSession, lifetime: Duration) -> String {
        let now = clock.now().secondsSinceEpoch
        var claims = JSONObject([
            ("azp", .string(authorizedParty)),
            ("exp", .number(JSONNumber(now + lifetime.components.seconds))),
            ("fva", [0, -1]),
            ("iat", .number(JSONNumber(now))),
            ("iss", .string(issuer)),
            ("jti", .string(SecureRandom.bytes(10).hexadecimal)),
            ("nbf", .number(JSONNumber(now - 10))),
            ("sid", .string(session.sessionID)),
            ("sts", "active"),
            ("sub", .string(session.userID)),
            ("v", 2),
        ])
        if let organization = session.organization {
            let packed = FeaturePermissions.encode(organization.permissions.map(\.rawValue))
            claims["fea"] = .string(packed.features)
            claims["o"] = [
                "id": .string(organization.id),
                "slg": organization.slug.map(JSON.string) ?? .null,
                "rol": .string(String(organization.role.rawValue.dropFirst("org:".count))),
                "per": .string(packed.permissions),
                "fpm": .string(packed.map),
            ]
        }
        return signedToken(claims: claims)
    }

    /// A token with these claims and a header as Clerk writes it.
    public func signedToken(claims: JSONObject) -> String {
        LibJWTSigner(key: key).token(
            header: ["cat": "cl_B7d4PD111AAA", "kid": .string(keyID)],
            claims: .object(claims)
        )
    }

    func signedToken(header: JSON, claims: JSON) -> String {
        let signed = Base64.url.encode(header.encoded) + "." + Base64.url.encode(claims.encoded)
        return signed + "." + Base64.url.encode(key.signature(of: signed.utf8))
    }

    /// What the file holds, written first where there is none.
    private static func madeOnce(_ name: String, in directory: URL, _ make: () throws -> String) throws -> String {
        let file = directory.appending(path: name)
        if let known = try? String(contentsOf: file, encoding: .utf8) { return known }
        let draft = directory.appending(path: "\(name).\(SecureRandom.bytes(8).hexadecimal)")
        guard
            FileManager.default.createFile(
                atPath: draft.path,
                contents: Data(try make().utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? FileManager.default.removeItem(at: draft) }
        // A link is made whole or not at all, and never over a file: of two that start together, both get one key.
        try? FileManager.default.linkItem(at: draft, to: file)
        return try String(contentsOf: file, encoding: .utf8)
    }
}

/// Whom a development token is for.
public struct DevelopmentSession: Sendable {
    public struct Place: Sendable {
        /// `org_…`.
        public let id: String
        public let slug: String?
        public let role: Role
        /// Those of the form `org:<feature>:<permission>`; a token cannot carry others.
        public let permissions: Set<Permission>

        public init(id: String, slug: String?, role: Role, permissions: Set<Permission> = []) {
            self.id = id
            self.slug = slug
            self.role = role
            self.permissions = permissions
        }
    }

    /// `user_…`.
    public let userID: String
    /// `sess_…`.
    public let sessionID: String
    public let organization: Place?

    public init(userID: String, sessionID: String = "sess_development", organization: Place?) {
        self.userID = userID
        self.sessionID = sessionID
        self.organization = organization
    }
}
