internal import COpenSSL

public enum SecureRandom {
    /// Bytes that nobody can guess, from OpenSSL's generator, which the kernel seeds.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
            OpenSSL.require(RAND_bytes(bytes.baseAddress, CInt(count)))
            initialized = count
        }
    }
}
