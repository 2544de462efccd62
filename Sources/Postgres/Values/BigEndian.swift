extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

/// Reads big-endian integers off the front of a value, never past its end.
struct BinaryReader {
    private(set) var bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func integer<I: FixedWidthInteger>(_ type: I.Type) throws(PostgresValueError) -> I {
        guard bytes.count >= MemoryLayout<I>.size else { throw PostgresValueError("value too short") }
        let value = I(bigEndian: bytes.loadUnaligned(as: I.self))
        bytes = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<I>.size...])
        return value
    }

    mutating func slice(_ count: Int) throws(PostgresValueError) -> UnsafeRawBufferPointer {
        guard count >= 0, bytes.count >= count else { throw PostgresValueError("value too short") }
        defer { bytes = UnsafeRawBufferPointer(rebasing: bytes[count...]) }
        return UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }

    func finish() throws(PostgresValueError) {
        guard bytes.isEmpty else { throw PostgresValueError("value too long") }
    }
}
