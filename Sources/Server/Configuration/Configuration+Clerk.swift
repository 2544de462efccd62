internal import Auth
internal import Primitives

extension Configuration {
    struct ClerkConfiguration: Sendable {
        let issuer: String
        let authorizedParties: Set<String>
        let acceptsMissingAuthorizedParty: Bool
        /// URL, file or PEM.
        let jwks: String
        let webhookSecret: Redacted<String>

        var keySource: JWKSSource? { JWKSSource(setting: jwks) }

        init(from reader: inout EnvironmentReader) {
            let issuer = reader.text(
                "CLERK_ISSUER",
                fallback: .required,
                "The issuer of session tokens, such as https://clerk.example.com; tokens of another are refused."
            )
            let parties = reader.list(
                "CLERK_AUTHORIZED_PARTIES",
                fallback: .required,
                "Origins, separated by commas, for which session tokens may have been made (claim azp)."
            )
            let acceptsMissingParty = reader.boolean(
                "CLERK_ACCEPT_MISSING_AZP",
                default: false,
                "true accepts tokens without azp, as Clerk's backend API makes them."
            )
            let jwks = reader.text(
                "CLERK_JWKS",
                fallback: .required,
                "Public keys of the issuer: URL of its JWKS, a JWKS file, or one key in PEM (text or file)."
            )
            let secret = reader.text(
                "CLERK_WEBHOOK_SECRET",
                fallback: .required,
                "Signing secret of Clerk's webhook endpoint, whsec_…; events with another signature are refused."
            )
            self.issuer = issuer ?? ""
            authorizedParties = Set(parties)
            acceptsMissingAuthorizedParty = acceptsMissingParty
            self.jwks = jwks ?? ""
            webhookSecret = Redacted(secret ?? "")
        }
    }
}
