extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresType { Element.postgresArrayType }

    public func encode(into bytes: inout [UInt8]) throws(PostgresValueError) -> Bool {
        try Element.encode(array: self, into: &bytes)
        return true
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    public static func isReadable(from type: PostgresType) -> Bool {
        Element.isArrayReadable(from: type)
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        self = try Element.decodeArray(bytes, type: type)
    }
}

/// One dimension, no NULL elements: number of dimensions, flag for NULLs, element type, then for the dimension its
/// length and lower bound, then each element with its length (Postgres, `array_send`). An empty array has no dimension.
extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    public static func encode(array: [Self], into bytes: inout [UInt8]) throws(PostgresValueError) {
        bytes.append(bigEndian: Int32(array.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: postgresType.oid)
        guard !array.isEmpty else { return }
        bytes.append(bigEndian: Int32(array.count))
        bytes.append(bigEndian: Int32(1))
        for element in array {
            let start = bytes.count
            bytes.append(bigEndian: Int32(0))
            guard try element.encode(into: &bytes) else { throw PostgresValueError("NULL element") }
            let length = Int32(bytes.count - start - 4)
            withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
        }
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool { type == postgresArrayType }

    public static func decodeArray(
        _ bytes: UnsafeRawBufferPointer,
        type: PostgresType
    ) throws(PostgresValueError) -> [Self] {
        var reader = BinaryReader(bytes)
        let dimensions = try reader.integer(Int32.self)
        _ = try reader.integer(Int32.self)
        let elementType = PostgresType(oid: try reader.integer(UInt32.self))
        guard isReadable(from: elementType) else { throw PostgresValueError("elements are \(elementType)") }
        guard dimensions > 0 else { return [] }
        guard dimensions == 1 else { throw PostgresValueError("array of \(dimensions) dimensions") }
        let count = try reader.integer(Int32.self)
        _ = try reader.integer(Int32.self)
        var elements: [Self] = []
        elements.reserveCapacity(min(Int(count), reader.bytes.count / 4))
        for _ in 0..<max(0, count) {
            let length = try reader.integer(Int32.self)
            guard length >= 0 else { throw PostgresValueError("NULL element") }
            elements.append(try Self(postgres: try reader.slice(Int(length)), type: elementType))
        }
        try reader.finish()
        return elements
    }
}

/// `[UInt8]` is `bytea`, not an array of numbers.
extension UInt8: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { .bytea }

    public static func encode(array: [UInt8], into bytes: inout [UInt8]) {
        bytes.append(contentsOf: array)
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool { type == .bytea }

    public static func decodeArray(_ bytes: UnsafeRawBufferPointer, type: PostgresType) -> [UInt8] { Array(bytes) }
}

extension [UInt8]: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { .byteaArray }
}
