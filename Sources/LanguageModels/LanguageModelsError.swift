public import Primitives

extension Fault.Code {
    /// Our key is missing, wrong or may not use the model.
    public static let providerUnauthorized = Self("provider_unauthorized", .badGateway)
    /// The account has no money or quota left; waiting does not help.
    public static let providerQuotaExceeded = Self("provider_quota_exceeded", .badGateway)
    /// The provider does not take this request.
    public static let providerRejected = Self("provider_rejected", .badGateway)
    /// The conversation does not fit into the model.
    public static let providerContextExceeded = Self("provider_context_exceeded", .invalid)
    /// Too many requests or tokens a minute.
    public static let providerRateLimited = Self("provider_rate_limited", .limited)
    /// The provider has no capacity.
    public static let providerOverloaded = Self("provider_overloaded", .unavailable)
    /// No connection, no answer in time, or a failure inside the provider.
    public static let providerUnavailable = Self("provider_unavailable", .unavailable)
    /// The answer's stream ended before its end.
    public static let providerStreamTruncated = Self("provider_stream_truncated", .unavailable)
    /// The answer's stream cannot be read.
    public static let providerStreamInvalid = Self("provider_stream_invalid", .unavailable)
}

/// What a provider, or the way to it, said of a failure; for the log, never for a customer.
public struct ProviderFailure: Error, Sendable, CustomStringConvertible {
    public let provider: ProviderName
    /// The HTTP status; nil where there was none.
    public let status: Int?
    /// The provider's own code or type.
    public let reason: String?
    /// Its sentence; nil for a refused key, which such sentences quote.
    public let message: String?
    /// Its id of the request, for its support.
    public let requestID: String?

    public var description: String {
        let parts = [status.map(String.init), reason, message, requestID.map { "request \($0)" }]
        return "\(provider): " + parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// The same for the log, should the provider, or what stands in between, have repeated what we sent.
    func hiding(_ secret: Redacted<String>) -> ProviderFailure {
        func hide(_ text: String?) -> String? { text?.replacing(secret.exposed, with: "<redacted>") }
        return ProviderFailure(
            provider: provider,
            status: status,
            reason: hide(reason),
            message: hide(message),
            requestID: hide(requestID)
        )
    }
}

extension Fault {
    /// A fault of this module, with the text that belongs to its code.
    static func provider(_ code: Code, retryAfter: Duration? = nil, cause: any Error) -> Fault {
        Fault(code, providerTexts[code] ?? unavailable, retryAfter: retryAfter, cause: cause)
    }

    private static let unavailable = LocalizedText(
        pt: "O provedor do modelo não está disponível agora.",
        en: "The model's provider is not available now."
    )

    private static let providerTexts: [Code: LocalizedText] = [
        .providerUnauthorized: LocalizedText(
            pt: "O provedor do modelo recusou a chave configurada.",
            en: "The model's provider refused the configured key."
        ),
        .providerQuotaExceeded: LocalizedText(
            pt: "A cota da conta no provedor do modelo acabou.",
            en: "The account's quota at the model's provider is used up."
        ),
        .providerRejected: LocalizedText(
            pt: "O provedor do modelo não aceitou o pedido.",
            en: "The model's provider did not accept the request."
        ),
        .providerContextExceeded: LocalizedText(
            pt: "A conversa não cabe no modelo.",
            en: "The conversation does not fit into the model."
        ),
        .providerRateLimited: LocalizedText(
            pt: "O provedor do modelo está limitando os pedidos.",
            en: "The model's provider is limiting requests."
        ),
        .providerOverloaded: LocalizedText(
            pt: "O provedor do modelo está sobrecarregado.",
            en: "The model's provider is overloaded."
        ),
        .providerUnavailable: unavailable,
        .providerStreamTruncated: LocalizedText(
            pt: "A resposta do modelo foi interrompida.",
            en: "The model's answer was cut off."
        ),
        .providerStreamInvalid: LocalizedText(
            pt: "A resposta do modelo não pôde ser lida.",
            en: "The model's answer could not be read."
        ),
    ]
}
