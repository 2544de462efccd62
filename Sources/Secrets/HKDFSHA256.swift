internal import COpenSSL

/// Keys derived from a key (RFC 5869, extract then expand, with SHA-256).
public enum HKDFSHA256 {
    /// - Parameters:
    ///   - key: The input keying material: high entropy, never a password that a person chose.
    ///   - info: What the derived key is for; another info gives an independent key.
    ///   - count: How many bytes, 1 to 8160.
    public static func derive(
        from key: some Collection<UInt8>,
        salt: some Collection<UInt8> = [UInt8](),
        info: some Collection<UInt8>,
        count: Int
    ) -> [UInt8] {
        precondition((1...255 * 32).contains(count), "HKDF-SHA256 gives 1 to 8160 bytes")
        let context = OpenSSL.required(EVP_KDF_CTX_new(OpenSSL.hkdf))
        defer { EVP_KDF_CTX_free(context) }
        return key.withBytes { key in
            salt.withBytes { salt in
                info.withBytes { info in
                    let parameters = OpenSSL.parameters(
                        OpenSSL.parameter("digest", "SHA256"),
                        OpenSSL.parameter("key", key),
                        OpenSSL.parameter("salt", salt),
                        OpenSSL.parameter("info", info)
                    )
                    return [UInt8](unsafeUninitializedCapacity: count) { derived, initialized in
                        OpenSSL.require(EVP_KDF_derive(context, derived.baseAddress, count, parameters))
                        initialized = count
                    }
                }
            }
        }
    }
}
