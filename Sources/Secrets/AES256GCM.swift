internal import COpenSSL

/// AES-256 in Galois/counter mode (NIST SP 800-38D) with nonces of 12 bytes and tags of 16.
///
/// A nonce must never be used twice with one key; `SealedBox` sees to that.
enum AES256GCM {
    static let nonceCount = 12
    static let tagCount = 16

    /// The ciphertext, as long as the plaintext, and the tag.
    static func encrypt(
        _ plaintext: some Collection<UInt8>,
        key: [UInt8],
        nonce: [UInt8],
        associated: some Collection<UInt8>
    ) -> [UInt8] {
        precondition(key.count == 32 && nonce.count == nonceCount)
        let context = OpenSSL.required(EVP_CIPHER_CTX_new())
        defer { EVP_CIPHER_CTX_free(context) }
        OpenSSL.require(EVP_EncryptInit_ex2(context, OpenSSL.aes256GCM, key, nonce, nil))
        var count: CInt = 0
        associated.withBytes {
            OpenSSL.require(EVP_EncryptUpdate(context, nil, &count, $0.baseAddress, CInt($0.count)))
        }
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        plaintext.withBytes {
            OpenSSL.require(EVP_EncryptUpdate(context, &ciphertext, &count, $0.baseAddress, CInt($0.count)))
        }
        var tag = [UInt8](repeating: 0, count: tagCount)
        OpenSSL.require(EVP_EncryptFinal_ex(context, &tag, &count))
        OpenSSL.require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CInt(tagCount), &tag))
        return ciphertext + tag
    }

    /// The plaintext of what `encrypt` gave; nil if anything differs.
    static func decrypt(
        _ sealed: some Collection<UInt8>,
        key: [UInt8],
        nonce: [UInt8],
        associated: some Collection<UInt8>
    ) -> [UInt8]? {
        precondition(key.count == 32 && nonce.count == nonceCount)
        guard sealed.count >= tagCount else { return nil }
        let context = OpenSSL.required(EVP_CIPHER_CTX_new())
        defer { EVP_CIPHER_CTX_free(context) }
        OpenSSL.require(EVP_DecryptInit_ex2(context, OpenSSL.aes256GCM, key, nonce, nil))
        var tag = Array(sealed.suffix(tagCount))
        OpenSSL.require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(tagCount), &tag))
        var count: CInt = 0
        associated.withBytes {
            OpenSSL.require(EVP_DecryptUpdate(context, nil, &count, $0.baseAddress, CInt($0.count)))
        }
        let ciphertext = sealed.dropLast(tagCount)
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        ciphertext.withBytes {
            OpenSSL.require(EVP_DecryptUpdate(context, &plaintext, &count, $0.baseAddress, CInt($0.count)))
        }
        // Final writes nothing in this mode, it only compares the tag; the tag's own room stands for a place to write.
        guard EVP_DecryptFinal_ex(context, &tag, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        return plaintext
    }
}
