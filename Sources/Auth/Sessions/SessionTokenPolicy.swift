internal import Primitives

/// Which session tokens are ours.
public struct SessionTokenPolicy: Sendable {
    /// How far Clerk's clock may be from ours, in either direction.
    public static let clockSkew = Duration.seconds(5)

    /// The `iss` that a token must have: the Clerk instance's Frontend API, as in `https://clerk.example.com`.
    public let issuer: String
    /// The origins (`https://app.example.com`) that a token may have been issued to, by its `azp`.
    public let authorizedParties: Set<String>
    /// Whether a token without `azp` is accepted, as Clerk's backend makes them.
    ///
    /// One with a wrong `azp` never is.
    public let acceptsMissingAuthorizedParty: Bool
    /// What an `aud`, where a token has one, must name; nil refuses any token that has one.
    public let audience: String?

    public init(
        issuer: String,
        authorizedParties: Set<String>,
        acceptsMissingAuthorizedParty: Bool = false,
        audience: String? = nil
    ) {
        self.issuer = issuer
        self.authorizedParties = authorizedParties
        self.acceptsMissingAuthorizedParty = acceptsMissingAuthorizedParty
        self.audience = audience
    }

    /// - Throws: `token_audience_invalid`, `token_authorized_party_invalid`, `token_expired`, `token_not_yet_valid`,
    ///   `token_issuer_invalid`, `session_pending`, in this order.
    func admit(_ claims: SessionClaims, at now: Timestamp) throws(Fault) {
        if let audiences = claims.audiences {
            guard let audience, audiences.contains(audience) else { throw .tokenAudienceInvalid }
        }
        if let party = claims.authorizedParty {
            guard authorizedParties.contains(party) else { throw .tokenPartyInvalid }
        } else if !acceptsMissingAuthorizedParty {
            throw .tokenPartyInvalid
        }
        guard !Self.hasExpired(claims.expiresAt, at: now) else { throw .tokenExpired }
        let latestStart = now + Self.clockSkew
        guard claims.notBefore <= latestStart, claims.issuedAt <= latestStart else { throw .tokenNotYetValid }
        guard claims.issuer == issuer else { throw .tokenIssuerInvalid }
        guard claims.status == nil || claims.status == "active" else { throw .sessionPending }
    }

    static func hasExpired(_ expiresAt: Timestamp, at now: Timestamp) -> Bool {
        expiresAt <= now - clockSkew
    }
}
