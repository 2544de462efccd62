internal import COpenSSL

/// The algorithms, fetched once: an implicit fetch in each call costs about as much as hashing a short message.
///
/// All are `nonisolated(unsafe)` because OpenSSL's objects are opaque pointers: each is written once, by the lazy
/// initialiser of its constant, and OpenSSL never changes a fetched algorithm afterwards (its count of references is
/// atomic, and we never free them).
enum OpenSSL {
    nonisolated(unsafe) static let sha256 = required(EVP_MD_fetch(nil, "SHA256", nil))
    nonisolated(unsafe) static let sha1 = required(EVP_MD_fetch(nil, "SHA1", nil))
    nonisolated(unsafe) static let hmac = required(EVP_MAC_fetch(nil, "HMAC", nil))
    nonisolated(unsafe) static let hkdf = required(EVP_KDF_fetch(nil, "HKDF", nil))
    nonisolated(unsafe) static let aes256GCM = required(EVP_CIPHER_fetch(nil, "AES-256-GCM", nil))

    /// `EVP_PKEY_PUBLIC_KEY`, a macro that Swift does not see: a key's parameters and its public numbers.
    static let publicKey = OSSL_KEYMGMT_SELECT_ALL_PARAMETERS | OSSL_KEYMGMT_SELECT_PUBLIC_KEY

    /// What a call gives that fails only when memory is out or OpenSSL has no default provider: nothing could go on.
    static func required<Object>(_ object: Object?) -> Object {
        guard let object else { fatalError("OpenSSL gave no object") }
        return object
    }

    /// As `required`, for calls that answer 1 for success.
    static func require(_ status: CInt) {
        guard status == 1 else { fatalError("OpenSSL refused an operation that cannot fail") }
    }

    /// Parameters that end with the mark that OpenSSL looks for.
    static func parameters(_ parameters: OSSL_PARAM...) -> [OSSL_PARAM] {
        parameters + [OSSL_PARAM_construct_end()]
    }

    /// A text parameter.
    ///
    /// OpenSSL keeps the two pointers, hence strings that never move.
    static func parameter(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
        OSSL_PARAM_construct_utf8_string(
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
            UnsafeMutableRawPointer(mutating: value.utf8Start).assumingMemoryBound(to: CChar.self),
            value.utf8CodeUnitCount
        )
    }

    /// A parameter of bytes, which OpenSSL reads and which must outlive the use of the parameter.
    static func parameter(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>) -> OSSL_PARAM {
        OSSL_PARAM_construct_octet_string(
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
            UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            bytes.count
        )
    }

    /// A number in the machine's byte order, which must outlive the use of the parameter.
    static func parameter(_ name: StaticString, number: UnsafeMutableBufferPointer<UInt8>) -> OSSL_PARAM {
        OSSL_PARAM_construct_BN(
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
            number.baseAddress,
            number.count
        )
    }
}

extension Collection<UInt8> {
    /// The bytes in one piece, at an address that is never null, even for none (which OpenSSL takes for "not given").
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        if isEmpty {
            return try withUnsafePointer(to: 0) { try body(UnsafeBufferPointer(start: $0, count: 0)) }
        }
        if let result = try withContiguousStorageIfAvailable(body) { return result }
        return try Array(self).withUnsafeBufferPointer(body)
    }
}
