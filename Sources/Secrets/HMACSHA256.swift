internal import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    /// The code that authenticates a message, 32 bytes.
    public static func code(for message: some Collection<UInt8>, key: some Collection<UInt8>) -> [UInt8] {
        let context = OpenSSL.required(EVP_MAC_CTX_new(OpenSSL.hmac))
        defer { EVP_MAC_CTX_free(context) }
        let parameters = OpenSSL.parameters(OpenSSL.parameter("digest", "SHA256"))
        key.withBytes { OpenSSL.require(EVP_MAC_init(context, $0.baseAddress, $0.count, parameters)) }
        message.withBytes { OpenSSL.require(EVP_MAC_update(context, $0.baseAddress, $0.count)) }
        return [UInt8](unsafeUninitializedCapacity: 32) { code, initialized in
            OpenSSL.require(EVP_MAC_final(context, code.baseAddress, &initialized, 32))
        }
    }
}
