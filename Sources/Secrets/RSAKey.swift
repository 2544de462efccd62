internal import COpenSSL

/// Owns an `EVP_PKEY`, which is freed with it.
///
/// Sendable because nothing changes the key after `init`: OpenSSL allows any number of threads to use one `EVP_PKEY` as
/// long as none modifies it (openssl-threads(7)); what it caches inside (Montgomery forms) it guards with its own lock.
final class RSAKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the key, or refuses it: only RSA (not RSA-PSS), 2048 to 8192 bits (above, a verification is a way to
    /// spend our time), with numbers that can be a key's.
    init(owning pointer: OpaquePointer?) throws(SecretsError) {
        defer { ERR_clear_error() }
        guard let pointer else { throw .malformedRSAKey }
        self.pointer = pointer
        guard EVP_PKEY_is_a(pointer, "RSA") == 1 else { throw .malformedRSAKey }
        let bits = Int(EVP_PKEY_get_bits(pointer))
        guard (2048...8192).contains(bits) else { throw .unsuitableRSAKeySize(bits: bits) }
        let context = OpenSSL.required(EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil))
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_public_check(context) == 1 else { throw .malformedRSAKey }
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// A number of the key (`n`, `e`) as big-endian bytes.
    func number(_ name: String) -> [UInt8] {
        var number: OpaquePointer?
        OpenSSL.require(EVP_PKEY_get_bn_param(pointer, name, &number))
        defer { BN_free(number) }
        let count = (Int(BN_num_bits(number)) + 7) / 8
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
            initialized = Int(BN_bn2bin(number, bytes.baseAddress))
        }
    }
}
