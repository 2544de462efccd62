internal import COpenSSL

extension SHA256 {
    /// A digest of what arrives in pieces; used by one task at a time.
    public final class Hasher {
        private let context: OpaquePointer

        public init() {
            context = OpenSSL.required(EVP_MD_CTX_new())
            OpenSSL.require(EVP_DigestInit_ex(context, OpenSSL.sha256, nil))
        }

        deinit { EVP_MD_CTX_free(context) }

        public func update(_ piece: some Collection<UInt8>) {
            piece.withBytes { OpenSSL.require(EVP_DigestUpdate(context, $0.baseAddress, $0.count)) }
        }

        /// The digest, 32 bytes, of all pieces; the hasher begins anew.
        public func finish() -> [UInt8] {
            let digest = [UInt8](unsafeUninitializedCapacity: 32) { digest, initialized in
                OpenSSL.require(EVP_DigestFinal_ex(context, digest.baseAddress, nil))
                initialized = 32
            }
            OpenSSL.require(EVP_DigestInit_ex(context, OpenSSL.sha256, nil))
            return digest
        }
    }
}
