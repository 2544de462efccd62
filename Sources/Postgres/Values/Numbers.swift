extension Int: PostgresScalar {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: Int64(self))
        return true
    }

    package static func isReadable(from type: PostgresType) -> Bool {
        type == .int8 || type == .int4 || type == .int2
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        switch type {
        case .int8: self.init(try reader.integer(Int64.self))
        case .int4: self.init(try reader.integer(Int32.self))
        default: self.init(try reader.integer(Int16.self))
        }
        try reader.finish()
    }

    package static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .int8Array || type == .int4Array || type == .int2Array
    }
}

extension Int32: PostgresScalar {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }

    package static func isReadable(from type: PostgresType) -> Bool {
        type == .int4 || type == .int2
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        self = type == .int4 ? try reader.integer(Int32.self) : Int32(try reader.integer(Int16.self))
        try reader.finish()
    }

    package static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .int4Array || type == .int2Array
    }
}

extension Bool: PostgresScalar {
    package static var postgresType: PostgresType { .bool }
    package static var postgresArrayType: PostgresType { .boolArray }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(self ? 1 : 0)
        return true
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        self = try reader.integer(UInt8.self) != 0
        try reader.finish()
    }
}

extension Double: PostgresScalar {
    package static var postgresType: PostgresType { .float8 }
    package static var postgresArrayType: PostgresType { .float8Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: bitPattern)
        return true
    }

    package static func isReadable(from type: PostgresType) -> Bool {
        type == .float8 || type == .float4
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        if type == .float8 {
            self.init(bitPattern: try reader.integer(UInt64.self))
        } else {
            self.init(Float(bitPattern: try reader.integer(UInt32.self)))
        }
        try reader.finish()
    }

    package static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .float8Array || type == .float4Array
    }
}

/// `float4`, the element of pgvector's vectors: bind `[Float]` and cast, `$1::real[]::vector`.
extension Float: PostgresScalar {
    package static var postgresType: PostgresType { .float4 }
    package static var postgresArrayType: PostgresType { .float4Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: bitPattern)
        return true
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        self.init(bitPattern: try reader.integer(UInt32.self))
        try reader.finish()
    }
}

extension PostgresDecodable where Self: PostgresEncodable {
    package static func isReadable(from type: PostgresType) -> Bool { type == postgresType }
}
