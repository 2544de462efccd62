internal import Outbound
public import Primitives

/// A header that an endpoint's owner adds to what it is sent; the value may be a credential.
public struct WebhookHeader: Sendable, Hashable {
    public let name: String
    public let value: Redacted<String>

    /// How many an endpoint may have.
    public static let maximumCount = 20

    /// - Throws: what is wrong with the name or the value.
    public init(name: String, value: String) throws(Problem) {
        let lowercased = name.lowercased()
        guard (1...100).contains(name.utf8.count), OutboundRequest.isToken(name) else { throw .name }
        guard !OutboundRequest.ownHeaders.contains(lowercased), !Self.reserved.contains(lowercased),
            !lowercased.hasPrefix("webhook-")
        else { throw .reserved }
        // Visible ASCII, and spaces within: what every receiver reads in the same way.
        guard value.utf8.count <= 1000, value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            value.utf8.first != 0x20, value.utf8.last != 0x20
        else { throw .value }
        self.name = name
        self.value = Redacted(value)
    }

    /// Besides the client's own: what says what the body is, and who sends it.
    private static let reserved: Set<String> = ["content-type", "content-encoding", "user-agent", "accept-encoding"]

    public enum Problem: Error, Hashable, Sendable, CaseIterable {
        case name, reserved, value

        /// For whoever typed it.
        public var text: LocalizedText {
            switch self {
            case .name:
                LocalizedText(
                    pt: "O nome do cabeçalho deve ter de 1 a 100 letras, dígitos ou hifens.",
                    en: "The header's name must be 1 to 100 letters, digits or hyphens."
                )
            case .reserved:
                LocalizedText(pt: "Esse cabeçalho é escrito por nós.", en: "That header is ours to write.")
            case .value:
                LocalizedText(
                    pt: "O valor deve ter até 1000 caracteres ASCII visíveis.",
                    en: "The value must be at most 1,000 visible ASCII characters."
                )
            }
        }
    }
}
