public import Primitives

/// The secret that a webhook's sender and receiver share, as Standard Webhooks writes it: `whsec_` and the base64 of 24
/// to 64 bytes.
public struct WebhookSecret: Sendable, Equatable {
    private static let prefix = "whsec_"

    private let key: Redacted<[UInt8]>

    public init(_ text: String) throws(SecretsError) {
        guard text.hasPrefix(Self.prefix), let key = Base64.standard.decode(text.dropFirst(Self.prefix.count)),
            (24...64).contains(key.count)
        else { throw .malformedWebhookSecret }
        self.key = Redacted(key)
    }

    private init(key: [UInt8]) {
        self.key = Redacted(key)
    }

    /// A new secret of 32 bytes.
    public static func generate() -> WebhookSecret {
        WebhookSecret(key: SecureRandom.bytes(32))
    }

    /// The secret as it is shown to its owner.
    public var text: Redacted<String> {
        Redacted(Self.prefix + Base64.standard.encode(key.exposed))
    }

    /// The code over `id.timestamp.body`, 32 bytes.
    func code(for content: [UInt8]) -> [UInt8] {
        HMACSHA256.code(for: content, key: key.exposed)
    }
}
