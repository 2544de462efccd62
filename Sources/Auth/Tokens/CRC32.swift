/// The checksum of zlib, gzip and PNG (ISO-HDLC: reflected polynomial 0xEDB88320).
enum CRC32 {
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { checksum, byte in
            (0..<8).reduce(checksum ^ UInt32(byte)) { rest, _ in
                rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0)
            }
        }
    }
}
