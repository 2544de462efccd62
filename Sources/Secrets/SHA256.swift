internal import COpenSSL

public enum SHA256 {
    /// 32 bytes.
    public static func digest(_ message: some Collection<UInt8>) -> [UInt8] {
        digest(message, OpenSSL.sha256, count: 32)
    }

    static func digest(_ message: some Collection<UInt8>, _ algorithm: OpaquePointer, count: Int) -> [UInt8] {
        message.withBytes { message in
            [UInt8](unsafeUninitializedCapacity: count) { digest, initialized in
                OpenSSL.require(EVP_Digest(message.baseAddress, message.count, digest.baseAddress, nil, algorithm, nil))
                initialized = count
            }
        }
    }
}

extension Collection<UInt8> {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: count * 2) { text in
            let digits: StaticString = "0123456789abcdef"
            for (index, byte) in enumerated() {
                text[index * 2] = digits.utf8Start[Int(byte >> 4)]
                text[index * 2 + 1] = digits.utf8Start[Int(byte & 0xF)]
            }
            return count * 2
        }
    }
}
