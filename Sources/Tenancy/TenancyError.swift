public import Primitives

extension Fault.Code {
    public static let organizationDeleted = Fault.Code("organization_deleted", .forbidden)
    public static let organizationSuspended = Fault.Code("organization_suspended", .forbidden)
    public static let organizationNotFound = Fault.Code("organization_not_found", .notFound)
    public static let membershipRemoved = Fault.Code("membership_removed", .forbidden)
    public static let userBanned = Fault.Code("user_banned", .forbidden)
    public static let userDeleted = Fault.Code("user_deleted", .forbidden)
    public static let sessionEnded = Fault.Code("session_ended", .unauthenticated)
    public static let permissionDenied = Fault.Code("permission_denied", .forbidden)
    public static let apiKeyRevoked = Fault.Code("api_key_revoked", .unauthenticated)
    public static let apiKeyScopeMissing = Fault.Code("api_key_scope_missing", .forbidden)
    public static let apiKeyAgentDenied = Fault.Code("api_key_agent_denied", .forbidden)
    public static let apiKeyCreatorRemoved = Fault.Code("api_key_creator_removed", .forbidden)
    public static let peopleOnly = Fault.Code("people_only", .forbidden)
    public static let databaseUnavailable = Fault.Code("database_unavailable", .unavailable)
    /// As many of the kind are under way, or open, as are allowed at once.
    public static let concurrencyLimited = Fault.Code("concurrency_limited", .limited)
    public static let quotaExceeded = Fault.Code("quota_exceeded", .limited)
    public static let idempotencyKeyReused = Fault.Code("idempotency_key_reused", .invalid)
}

extension Fault {
    static let organizationDeleted = Fault(
        .organizationDeleted,
        LocalizedText(pt: "Esta organização foi excluída.", en: "This organization has been deleted.")
    )

    static let organizationSuspended = Fault(
        .organizationSuspended,
        LocalizedText(
            pt: "Esta organização está suspensa. Fale com o suporte.",
            en: "This organization is suspended. Please contact support."
        )
    )

    static let membershipRemoved = Fault(
        .membershipRemoved,
        LocalizedText(
            pt: "Você não faz mais parte desta organização.",
            en: "You are no longer a member of this organization."
        )
    )

    static let organizationNotFound = Fault(
        .organizationNotFound,
        LocalizedText(pt: "Organização não encontrada.", en: "Organization not found.")
    )

    static let userBanned = Fault(
        .userBanned,
        LocalizedText(
            pt: "Esta conta está bloqueada. Fale com o suporte.",
            en: "This account is blocked. Please contact support."
        )
    )

    static let userDeleted = Fault(
        .userDeleted,
        LocalizedText(pt: "Esta conta foi excluída.", en: "This account has been deleted.")
    )

    static let sessionEnded = Fault(
        .sessionEnded,
        LocalizedText(pt: "Esta sessão foi encerrada. Entre novamente.", en: "This session has ended. Sign in again.")
    )

    /// Postgres is away, too busy, or rolled back for contention: the same request may succeed in a moment.
    static func databaseUnavailable(_ cause: any Error) -> Fault {
        Fault(
            .databaseUnavailable,
            LocalizedText(
                pt: "O banco de dados está indisponível no momento. Tente novamente em instantes.",
                en: "The database is unavailable at the moment. Please try again shortly."
            ),
            retryAfter: .seconds(1),
            cause: cause
        )
    }

    static func permissionDenied(_ people: AccessRule.People) -> Fault {
        let missing = if case .holding(let permission) = people { permission.rawValue } else { Role.admin.rawValue }
        return Fault(
            .permissionDenied,
            LocalizedText(
                pt: "Você não tem a permissão necessária (\(missing)).",
                en: "You lack the required permission (\(missing))."
            )
        )
    }

    /// - Parameter renewsAt: Of the quotas of a month.
    static func quotaExceeded(_ quota: Quota, limit: Int, renewsAt: Timestamp, now: Timestamp) -> Fault {
        let text =
            switch quota {
            case .messages:
                LocalizedText(
                    pt: "A cota de \(limit) mensagens deste mês foi usada. Ela renova em \(renewsAt).",
                    en: "This month's quota of \(limit) messages is used up. It renews at \(renewsAt)."
                )
            case .tokens:
                LocalizedText(
                    pt: "A cota de \(limit) tokens deste mês não basta para esta resposta. Ela renova em \(renewsAt).",
                    en: "This month's quota of \(limit) tokens is not enough for this answer. It renews at \(renewsAt)."
                )
            case .storage:
                LocalizedText(
                    pt: "A cota de armazenamento de \(limit) bytes não basta para este documento. Exclua documentos.",
                    en: "The storage quota of \(limit) bytes is not enough for this document. Delete documents."
                )
            }
        // Storage renews when documents are deleted, whenever that is.
        return Fault(.quotaExceeded, text, retryAfter: quota == .storage ? .seconds(3600) : renewsAt - now)
    }

    static func apiKeyScopeMissing(_ scope: KeyScope) -> Fault {
        Fault(
            .apiKeyScopeMissing,
            LocalizedText(
                pt: "Esta chave de API não tem o escopo necessário (\(scope.rawValue)).",
                en: "This API key lacks the required scope (\(scope.rawValue))."
            )
        )
    }

    public static let apiKeyRevoked = Fault(
        .apiKeyRevoked,
        LocalizedText(pt: "Esta chave de API foi revogada.", en: "This API key has been revoked.")
    )

    static let apiKeyAgentDenied = Fault(
        .apiKeyAgentDenied,
        LocalizedText(
            pt: "Esta chave de API vale só para outros agentes.",
            en: "This API key is for other agents only."
        )
    )

    static let apiKeyCreatorRemoved = Fault(
        .apiKeyCreatorRemoved,
        LocalizedText(
            pt: "Quem criou esta chave de API não tem mais acesso à organização. Crie outra chave.",
            en: "Whoever created this API key no longer has access to the organization. Please create another key."
        )
    )

    public static let peopleOnly = Fault(
        .peopleOnly,
        LocalizedText(
            pt: "Só pessoas podem fazer isto, no painel; chaves de API não.",
            en: "Only people can do this, in the dashboard; API keys cannot."
        )
    )

    static let idempotencyKeyReused = Fault(
        .idempotencyKeyReused,
        LocalizedText(
            pt: "Esta Idempotency-Key já foi usada com outra requisição.",
            en: "This Idempotency-Key was already used with a different request."
        )
    )
}
