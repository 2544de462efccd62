public import Primitives

extension Fault.Code {
    public static let tokenMissing = Fault.Code("token_missing", .unauthenticated)
    public static let authorizationMalformed = Fault.Code("authorization_malformed", .unauthenticated)
    public static let sessionCookieRefused = Fault.Code("session_cookie_refused", .unauthenticated)
    public static let tokenTooLarge = Fault.Code("token_too_large", .unauthenticated)
    public static let tokenMalformed = Fault.Code("token_malformed", .unauthenticated)
    public static let tokenTypeInvalid = Fault.Code("token_type_invalid", .unauthenticated)
    public static let tokenAlgorithmInvalid = Fault.Code("token_algorithm_invalid", .unauthenticated)
    public static let tokenKeyUnknown = Fault.Code("token_key_unknown", .unauthenticated)
    public static let tokenSignatureInvalid = Fault.Code("token_signature_invalid", .unauthenticated)
    public static let tokenClaimsInvalid = Fault.Code("token_claims_invalid", .unauthenticated)
    public static let tokenAudienceInvalid = Fault.Code("token_audience_invalid", .unauthenticated)
    public static let tokenPartyInvalid = Fault.Code("token_authorized_party_invalid", .unauthenticated)
    public static let tokenExpired = Fault.Code("token_expired", .unauthenticated)
    public static let tokenNotYetValid = Fault.Code("token_not_yet_valid", .unauthenticated)
    public static let tokenIssuerInvalid = Fault.Code("token_issuer_invalid", .unauthenticated)
    public static let sessionPending = Fault.Code("session_pending", .unauthenticated)
    public static let organizationRequired = Fault.Code("organization_required", .forbidden)
    public static let tokenKeysUnavailable = Fault.Code("token_keys_unavailable", .unavailable)
    public static let apiKeyMalformed = Fault.Code("api_key_malformed", .unauthenticated)
    public static let apiKeyInvalid = Fault.Code("api_key_invalid", .unauthenticated)
    public static let apiKeyExpired = Fault.Code("api_key_expired", .unauthenticated)
    public static let apiKeyNotFound = Fault.Code("api_key_not_found", .notFound)
    public static let ticketMalformed = Fault.Code("ticket_malformed", .unauthenticated)
    public static let ticketInvalid = Fault.Code("ticket_invalid", .unauthenticated)
    public static let ticketExpired = Fault.Code("ticket_expired", .unauthenticated)
    public static let ticketUsed = Fault.Code("ticket_used", .unauthenticated)
    public static let streamTakenOver = Fault.Code("stream_taken_over", .limited)
    public static let webhookHeadersMissing = Fault.Code("webhook_headers_missing", .malformed)
    public static let webhookTimestampInvalid = Fault.Code("webhook_timestamp_invalid", .unauthenticated)
    public static let webhookSignatureInvalid = Fault.Code("webhook_signature_invalid", .unauthenticated)
}

extension Fault {
    static let tokenMissing = Fault(
        .tokenMissing,
        LocalizedText(
            pt: "Autenticação necessária: envie o cabeçalho Authorization: Bearer.",
            en: "Authentication required: send an Authorization: Bearer header."
        )
    )

    static let authorizationMalformed = Fault(
        .authorizationMalformed,
        LocalizedText(
            pt: "O cabeçalho Authorization deve ter a forma \"Bearer <token>\".",
            en: "The Authorization header must have the form \"Bearer <token>\"."
        )
    )

    static let sessionCookieRefused = Fault(
        .sessionCookieRefused,
        LocalizedText(
            pt: "O cookie de sessão só vale para GET desta origem ou de uma permitida. Use Authorization: Bearer.",
            en: "The session cookie is only for GET from the same or an allowed origin. Use Authorization: Bearer."
        )
    )

    static let tokenTooLarge = Fault(
        .tokenTooLarge,
        LocalizedText(pt: "O token é grande demais (máximo 8 KiB).", en: "The token is too large (8 KiB at most).")
    )

    static let tokenMalformed = Fault(
        .tokenMalformed,
        LocalizedText(pt: "O token não é um JWT bem formado.", en: "The token is not a well-formed JWT.")
    )

    static let tokenTypeInvalid = Fault(
        .tokenTypeInvalid,
        LocalizedText(pt: "O token não é um token de sessão.", en: "The token is not a session token.")
    )

    static let tokenAlgorithmInvalid = Fault(
        .tokenAlgorithmInvalid,
        LocalizedText(pt: "O token deve ser assinado com RS256.", en: "The token must be signed with RS256.")
    )

    static let tokenKeyUnknown = Fault(
        .tokenKeyUnknown,
        LocalizedText(pt: "A chave que assinou o token é desconhecida.", en: "The token's signing key is unknown.")
    )

    static let tokenSignatureInvalid = Fault(
        .tokenSignatureInvalid,
        LocalizedText(pt: "A assinatura do token é inválida.", en: "The token's signature is invalid.")
    )

    /// - Parameter claim: The name of the claim that is missing or has another type than it must; never its value.
    static func tokenClaimInvalid(_ claim: String) -> Fault {
        Fault(
            .tokenClaimsInvalid,
            LocalizedText(
                pt: "Falta a informação \"\(claim)\" no token, ou ela tem o tipo errado.",
                en: "The token's claim \"\(claim)\" is missing or has the wrong type."
            )
        )
    }

    static let tokenAudienceInvalid = Fault(
        .tokenAudienceInvalid,
        LocalizedText(pt: "O token é para outro serviço.", en: "The token is meant for another service.")
    )

    static let tokenPartyInvalid = Fault(
        .tokenPartyInvalid,
        LocalizedText(
            pt: "O token foi emitido para um site não autorizado.",
            en: "The token was issued to a site that is not authorized."
        )
    )

    static let tokenExpired = Fault(
        .tokenExpired,
        LocalizedText(pt: "O token expirou.", en: "The token has expired.")
    )

    static let tokenNotYetValid = Fault(
        .tokenNotYetValid,
        LocalizedText(pt: "O token ainda não é válido.", en: "The token is not valid yet.")
    )

    static let tokenIssuerInvalid = Fault(
        .tokenIssuerInvalid,
        LocalizedText(pt: "O emissor do token não é aceito.", en: "The token's issuer is not accepted.")
    )

    static let sessionPending = Fault(
        .sessionPending,
        LocalizedText(
            pt: "A sessão ainda não está ativa: conclua o login.",
            en: "The session is not active yet: please finish signing in."
        )
    )

    static let organizationRequired = Fault(
        .organizationRequired,
        LocalizedText(
            pt: "Escolha uma organização antes de continuar.",
            en: "Please select an organization before you continue."
        )
    )

    static func tokenKeysUnavailable(retryAfter: Duration) -> Fault {
        Fault(
            .tokenKeysUnavailable,
            LocalizedText(
                pt: "Não foi possível verificar o token agora. Tente novamente em instantes.",
                en: "The token cannot be verified right now. Please try again shortly."
            ),
            retryAfter: retryAfter
        )
    }

    static let apiKeyMalformed = Fault(
        .apiKeyMalformed,
        LocalizedText(
            pt: "Isto não é uma chave de API: confira se foi copiada por inteiro.",
            en: "This is not an API key: please check that it was copied as a whole."
        )
    )

    /// For a key that nobody made as for one whose secret is another.
    static let apiKeyInvalid = Fault(
        .apiKeyInvalid,
        LocalizedText(pt: "Esta chave de API não existe.", en: "This API key does not exist.")
    )

    static let apiKeyExpired = Fault(
        .apiKeyExpired,
        LocalizedText(pt: "Esta chave de API expirou.", en: "This API key has expired.")
    )

    static let apiKeyNotFound = Fault(
        .apiKeyNotFound,
        LocalizedText(pt: "Chave de API não encontrada.", en: "API key not found.")
    )

    static let ticketMalformed = Fault(
        .ticketMalformed,
        LocalizedText(pt: "Isto não é um ingresso (ticket).", en: "This is not a ticket.")
    )

    static let ticketInvalid = Fault(
        .ticketInvalid,
        LocalizedText(pt: "Este ingresso (ticket) não existe.", en: "There is no such ticket.")
    )

    static let ticketExpired = Fault(
        .ticketExpired,
        LocalizedText(
            pt: "Este ingresso (ticket) expirou. Peça outro em POST /events/tickets.",
            en: "This ticket has expired. Ask for another at POST /events/tickets."
        )
    )

    static let ticketUsed = Fault(
        .ticketUsed,
        LocalizedText(
            pt: "Este ingresso (ticket) já foi usado; sem Last-Event-ID ele não vale mais. Peça outro.",
            en: "This ticket has been used; without Last-Event-ID it is no longer good. Ask for another."
        )
    )

    /// Late enough that two pages with one ticket do not keep taking it from each other.
    public static let streamTakenOver = Fault(
        .streamTakenOver,
        LocalizedText(
            pt: "Este ingresso (ticket) foi aberto em outra conexão, que tomou o lugar desta.",
            en: "This ticket was opened by another connection, which took this one's place."
        ),
        retryAfter: .seconds(60)
    )

    static func apiKeyExpiryPassed(_ expiry: Timestamp) -> Fault {
        .validation(
            "expires_at",
            LocalizedText(pt: "deve ser um momento no futuro", en: "must be a time in the future"),
            value: expiry.description
        )
    }

    static let webhookHeadersMissing = Fault(
        .webhookHeadersMissing,
        LocalizedText(
            pt: "Faltam os cabeçalhos svix-id, svix-timestamp ou svix-signature.",
            en: "The svix-id, svix-timestamp or svix-signature header is missing."
        )
    )

    static let webhookTimestampInvalid = Fault(
        .webhookTimestampInvalid,
        LocalizedText(
            pt: "O horário do webhook está fora da tolerância de 5 minutos.",
            en: "The webhook's timestamp is outside the tolerance of 5 minutes."
        )
    )

    static let webhookSignatureInvalid = Fault(
        .webhookSignatureInvalid,
        LocalizedText(pt: "A assinatura do webhook é inválida.", en: "The webhook's signature is invalid.")
    )
}
