/// The bytes that a published vector writes in hexadecimal digits; spaces and line breaks are passed over.
func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Every variant of the bytes in which one byte differs, by its lowest and by its highest bit.
func flips(of bytes: [UInt8]) -> [[UInt8]] {
    bytes.indices.flatMap { index in
        [UInt8(0x01), 0x80].map { mask in
            var flipped = bytes
            flipped[index] ^= mask
            return flipped
        }
    }
}
