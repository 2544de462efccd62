internal import Primitives

/// Seals small secrets (a provider's API key) so that they can be stored: AES-256-GCM with keys from the master key.
///
/// A box is: version (1 byte) · key id (4) · nonce (12) · ciphertext · tag (16). The nonce is random, which is safe for
/// 2^32 boxes of one key (NIST SP 800-38D §8.3).
public struct SealedBox: Sendable {
    private struct Key: Sendable {
        let id: [UInt8]
        let bytes: Redacted<[UInt8]>

        init(_ master: MasterKey, purpose: String) {
            bytes = Redacted(master.key(for: "sealed box: \(purpose)"))
            id = Array(master.key(for: "sealed box id: \(purpose)").prefix(SealedBox.idCount))
        }
    }

    private static let version: UInt8 = 1
    private static let idCount = 4
    private static let headerCount = 1 + idCount + AES256GCM.nonceCount

    private let current: Key
    private let previous: [Key]

    /// - Parameters:
    ///   - purpose: What is sealed; boxes of another purpose have other keys.
    ///   - masterKey: Seals and opens.
    ///   - previous: Master keys of before, which only open.
    public init(purpose: String, masterKey: MasterKey, previous: [MasterKey] = []) {
        current = Key(masterKey, purpose: purpose)
        self.previous = previous.map { Key($0, purpose: purpose) }
    }

    /// - Parameter associated: What the box belongs to (its row's ids): it opens only together with the same bytes.
    public func seal(_ secret: some Collection<UInt8>, for associated: some Collection<UInt8>) -> [UInt8] {
        let nonce = SecureRandom.bytes(AES256GCM.nonceCount)
        let header = [Self.version] + current.id + nonce
        let key = current.bytes.exposed
        return header + AES256GCM.encrypt(secret, key: key, nonce: nonce, associated: header + associated)
    }

    public func open(
        _ box: some Collection<UInt8>,
        for associated: some Collection<UInt8>
    ) throws(SecretsError) -> [UInt8] {
        let header = Array(box.prefix(Self.headerCount))
        guard header.count == Self.headerCount, header[0] == Self.version,
            let key = ([current] + previous).first(where: { $0.id.elementsEqual(header[1...Self.idCount]) }),
            let secret = AES256GCM.decrypt(
                box.dropFirst(Self.headerCount),
                key: key.bytes.exposed,
                nonce: header.suffix(AES256GCM.nonceCount),
                associated: header + associated
            )
        else { throw .unopenableBox }
        return secret
    }
}
