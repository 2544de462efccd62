internal import COpenSSL

/// Signs Ed25519 (RFC 8032, pure), which is deterministic.
public struct Ed25519PrivateKey: Sendable {
    private let key: Ed25519Key
    /// The 32 bytes from which the key is made.
    public let seed: [UInt8]

    public static func generate() -> Ed25519PrivateKey {
        Ed25519PrivateKey(SecureRandom.bytes(32))
    }

    /// nil unless there are 32 bytes.
    public init?(seed: [UInt8]) {
        guard seed.count == 32 else { return nil }
        self.init(seed)
    }

    private init(_ seed: [UInt8]) {
        self.seed = seed
        key = Ed25519Key(
            owning: OpenSSL.required(EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed, seed.count))
        )
    }

    public var publicKey: Ed25519PublicKey { Ed25519PublicKey(key) }

    /// 64 bytes.
    public func signature(of message: some Collection<UInt8>) -> [UInt8] {
        let context = OpenSSL.required(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        OpenSSL.require(EVP_DigestSignInit(context, nil, nil, nil, key.pointer))
        return message.withBytes { message in
            [UInt8](unsafeUninitializedCapacity: 64) { signature, initialized in
                initialized = 64
                OpenSSL.require(
                    EVP_DigestSign(context, signature.baseAddress, &initialized, message.baseAddress, message.count)
                )
            }
        }
    }
}

/// Checks Ed25519 signatures.
public struct Ed25519PublicKey: Sendable {
    private let key: Ed25519Key

    fileprivate init(_ key: Ed25519Key) {
        self.key = key
    }

    /// nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        key = Ed25519Key(
            owning: OpenSSL.required(EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count))
        )
    }

    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { bytes, initialized in
            initialized = 32
            OpenSSL.require(EVP_PKEY_get_raw_public_key(key.pointer, bytes.baseAddress, &initialized))
        }
    }

    public func verifies(signature: some Collection<UInt8>, of message: some Collection<UInt8>) -> Bool {
        let context = OpenSSL.required(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        OpenSSL.require(EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer))
        let isValid = signature.withBytes { signature in
            message.withBytes { message in
                EVP_DigestVerify(context, signature.baseAddress, signature.count, message.baseAddress, message.count)
            }
        }
        // A refused signature leaves entries in this thread's queue of errors.
        if isValid != 1 { ERR_clear_error() }
        return isValid == 1
    }
}

/// Owns an `EVP_PKEY`, which is freed with it.
///
/// Sendable for the reason that `RSAKey` is: nothing changes the key after it was made.
private final class Ed25519Key: @unchecked Sendable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }
}
