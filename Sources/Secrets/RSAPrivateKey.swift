internal import COpenSSL

/// Signs RS256.
///
/// Only the development issuer signs; in production we hold no private key.
public struct RSAPrivateKey: Sendable {
    private let key: RSAKey

    /// A new key of 2048 bits; takes about a tenth of a second.
    public static func generate() throws(SecretsError) -> RSAPrivateKey {
        let context = OpenSSL.required(EVP_PKEY_CTX_new_from_name(nil, "RSA", nil))
        defer { EVP_PKEY_CTX_free(context) }
        OpenSSL.require(EVP_PKEY_keygen_init(context))
        OpenSSL.require(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048))
        var pointer: OpaquePointer?
        OpenSSL.require(EVP_PKEY_generate(context, &pointer))
        return RSAPrivateKey(key: try RSAKey(owning: pointer))
    }

    private init(key: RSAKey) {
        self.key = key
    }

    /// From PEM without a passphrase: `BEGIN PRIVATE KEY` (PKCS#8) or `BEGIN RSA PRIVATE KEY` (PKCS#1).
    public init(pem: String) throws(SecretsError) {
        // Without an answer of ours, OpenSSL would ask a passphrase at the terminal.
        let pointer = PEM.read(pem) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        key = try RSAKey(owning: pointer)
    }

    /// PKCS#8 without a passphrase.
    public var pem: String {
        PEM.write { PEM_write_bio_PKCS8PrivateKey($0, key.pointer, nil, nil, 0, nil, nil) }
    }

    public var publicKey: RSAPublicKey { RSAPublicKey(key) }

    public func signature(of message: some Collection<UInt8>) -> [UInt8] {
        let context = OpenSSL.required(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        OpenSSL.require(EVP_DigestSignInit(context, nil, OpenSSL.sha256, nil, key.pointer))
        return message.withBytes { message in
            let capacity = Int(EVP_PKEY_get_size(key.pointer))
            return [UInt8](unsafeUninitializedCapacity: capacity) { signature, initialized in
                initialized = capacity
                OpenSSL.require(
                    EVP_DigestSign(context, signature.baseAddress, &initialized, message.baseAddress, message.count)
                )
            }
        }
    }
}
