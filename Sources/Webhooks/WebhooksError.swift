internal import Outbound
public import Primitives

extension Fault.Code {
    public static let webhookNotFound = Fault.Code("webhook_not_found", .notFound)
    public static let webhookDeliveryNotFound = Fault.Code("webhook_delivery_not_found", .notFound)
    public static let webhookReplayNotFound = Fault.Code("webhook_replay_not_found", .notFound)
    /// The tenant has as many endpoints as it may have.
    public static let webhookLimitReached = Fault.Code("webhook_limit_reached", .conflict)
    /// Nothing can be replayed to an endpoint that gets nothing.
    public static let webhookNotActive = Fault.Code("webhook_not_active", .conflict)
}

extension Fault {
    static let webhookNotFound = Fault(
        .webhookNotFound,
        LocalizedText(pt: "Webhook não encontrado.", en: "Webhook not found.")
    )

    static let webhookDeliveryNotFound = Fault(
        .webhookDeliveryNotFound,
        LocalizedText(pt: "Entrega não encontrada.", en: "Delivery not found.")
    )

    static let webhookReplayNotFound = Fault(
        .webhookReplayNotFound,
        LocalizedText(pt: "Reenvio não encontrado.", en: "Replay not found.")
    )

    static let webhookNotActive = Fault(
        .webhookNotActive,
        LocalizedText(
            pt: "O webhook está desativado. Ative-o antes de reenviar.",
            en: "The webhook is disabled. Enable it before replaying."
        )
    )

    static func webhookLimitReached(_ limit: Int) -> Fault {
        Fault(
            .webhookLimitReached,
            LocalizedText(
                pt: "A organização já tem \(limit) webhooks, o máximo.",
                en: "The organisation already has \(limit) webhooks, the maximum."
            )
        )
    }

    /// - Parameter problem: a `validation_error` about the field `url`, whatever the client found wrong with it.
    static func webhookURLRefused(_ url: String, because problem: LocalizedText, cause: any Error) -> Fault {
        .validation("url", problem, value: String(url.prefix(80)), cause: cause)
    }
}
