internal import Primitives
internal import Tenancy

extension Fault {
    static let tooManyStreams = Fault(
        .concurrencyLimited,
        LocalizedText(
            pt: "Há painéis demais abertos ao mesmo tempo. Feche algum.",
            en: "Too many dashboards are open at once. Please close one."
        ),
        retryAfter: .seconds(10)
    )
}
