internal import Primitives

/// The one secret of an installation (`MASTER_KEY`), from which each other key of ours is derived under a label.
public struct MasterKey: Sendable {
    private let bytes: Redacted<[UInt8]>

    /// - Parameter text: Standard base64 of at least 32 random bytes, as `openssl rand -base64 32` prints.
    public init(_ text: String) throws(SecretsError) {
        guard let bytes = Base64.standard.decode(text), bytes.count >= 32 else { throw .malformedMasterKey }
        self.bytes = Redacted(bytes)
    }

    /// A key of 32 bytes that is only for what the label says.
    public func key(for label: String) -> [UInt8] {
        HKDFSHA256.derive(from: bytes.exposed, info: label.utf8, count: 32)
    }

    /// A password of 43 characters (letters, digits, `-`, `_`) that is only for what the label says.
    public func password(for label: String) -> String {
        Base64.url.encode(key(for: "password: \(label)"))
    }
}
