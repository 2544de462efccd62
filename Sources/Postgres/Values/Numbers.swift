extension Int: PostgresScalar {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: Int64(self))
        return true
    }

    public static func isReadable(from type: PostgresType) -> Bool {
        type == .int8 || type == .int4 || type == .int2
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        switch type {
        case .int8: self.init(try reader.integer(Int64.self))
        case .int4: self.init(try reader.integer(Int32.self))
        default: self.init(try reader.integer(Int16.self))
        }
        try reader.finish()
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .int8Array || type == .int4Array || type == .int2Array
    }
}

extension Int32: PostgresScalar {
    public static var postgresType: PostgresType { .int4 }
    public static var postgresArrayType: PostgresType { .int4Array }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }

    public static func isReadable(from type: PostgresType) -> Bool {
        type == .int4 || type == .int2
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        self = type == .int4 ? try reader.integer(Int32.self) : Int32(try reader.integer(Int16.self))
        try reader.finish()
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .int4Array || type == .int2Array
    }
}

extension Bool: PostgresScalar {
    public static var postgresType: PostgresType { .bool }
    public static var postgresArrayType: PostgresType { .boolArray }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(self ? 1 : 0)
        return true
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        self = try reader.integer(UInt8.self) != 0
        try reader.finish()
    }
}

extension Double: PostgresScalar {
    public static var postgresType: PostgresType { .float8 }
    public static var postgresArrayType: PostgresType { .float8Array }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: bitPattern)
        return true
    }

    public static func isReadable(from type: PostgresType) -> Bool {
        type == .float8 || type == .float4
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        if type == .float8 {
            self.init(bitPattern: try reader.integer(UInt64.self))
        } else {
            self.init(Float(bitPattern: try reader.integer(UInt32.self)))
        }
        try reader.finish()
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .float8Array || type == .float4Array
    }
}

/// `float4`, the element of pgvector's vectors: bind `[Float]` and cast, `$1::real[]::vector`.
extension Float: PostgresScalar {
    public static var postgresType: PostgresType { .float4 }
    public static var postgresArrayType: PostgresType { .float4Array }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: bitPattern)
        return true
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        self.init(bitPattern: try reader.integer(UInt32.self))
        try reader.finish()
    }
}

extension PostgresDecodable where Self: PostgresEncodable {
    public static func isReadable(from type: PostgresType) -> Bool { type == postgresType }
}
