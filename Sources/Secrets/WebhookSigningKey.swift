public import Primitives

/// The private half of the key pair with which a sender signs for all its receivers, as Standard Webhooks writes it: `whsk_`
/// and the base64 of seed and public key, 64 bytes.
public struct WebhookSigningKey: Sendable {
    private static let prefix = "whsk_"

    private let key: Redacted<Ed25519PrivateKey>

    /// - Throws: `malformedWebhookKey`, also where the halves do not belong together.
    public init(_ text: String) throws(SecretsError) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.standard.decode(text.dropFirst(Self.prefix.count)),
            let key = Ed25519PrivateKey(seed: Array(bytes.prefix(32))),
            Array(bytes.dropFirst(32)) == key.publicKey.bytes
        else { throw .malformedWebhookKey }
        self.key = Redacted(key)
    }

    private init(_ key: Ed25519PrivateKey) {
        self.key = Redacted(key)
    }

    public static func generate() -> WebhookSigningKey {
        WebhookSigningKey(.generate())
    }

    /// The key as it is kept, sealed.
    public var text: Redacted<String> {
        Redacted(Self.prefix + Base64.standard.encode(key.exposed.seed + key.exposed.publicKey.bytes))
    }

    public var publicKey: WebhookPublicKey { WebhookPublicKey(key.exposed.publicKey) }

    /// The signature over `id.timestamp.body`, 64 bytes.
    func signature(of content: [UInt8]) -> [UInt8] {
        key.exposed.signature(of: content)
    }
}

/// The public half: `whpk_` and the base64 of 32 bytes.
public struct WebhookPublicKey: Sendable {
    private static let prefix = "whpk_"

    private let key: Ed25519PublicKey

    /// - Throws: `malformedWebhookKey`.
    public init(_ text: String) throws(SecretsError) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.standard.decode(text.dropFirst(Self.prefix.count)),
            let key = Ed25519PublicKey(bytes: bytes)
        else { throw .malformedWebhookKey }
        self.key = key
    }

    init(_ key: Ed25519PublicKey) {
        self.key = key
    }

    public var text: String { Self.prefix + Base64.standard.encode(key.bytes) }

    func verifies(signature: [UInt8], of content: [UInt8]) -> Bool {
        key.verifies(signature: signature, of: content)
    }
}
