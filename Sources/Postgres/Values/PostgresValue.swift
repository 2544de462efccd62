/// A value that can be bound to a placeholder.
public protocol PostgresEncodable: Sendable {
    /// The type that the placeholder is declared with.
    static var postgresType: PostgresType { get }
    /// Appends the value in binary format.
    /// - Returns: false for NULL, with nothing appended.
    func encode(into bytes: inout [UInt8]) throws(PostgresValueError) -> Bool
}

/// A value that can be read from a column.
public protocol PostgresDecodable: Sendable {
    static func isReadable(from type: PostgresType) -> Bool
    /// - Parameter type: one for which `isReadable(from:)` is true.
    init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError)
}

/// A value that can be an element of a one-dimensional array, `[Self]`.
public protocol PostgresArrayElement: Sendable {
    static var postgresArrayType: PostgresType { get }
    static func encode(array: [Self], into bytes: inout [UInt8]) throws(PostgresValueError)
    static func isArrayReadable(from type: PostgresType) -> Bool
    static func decodeArray(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) -> [Self]
}

public typealias PostgresScalar = PostgresEncodable & PostgresDecodable & PostgresArrayElement

/// Why a value cannot be bound or read; never says the value.
public struct PostgresValueError: Error, Sendable {
    public let reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }

    public func encode(into bytes: inout [UInt8]) throws(PostgresValueError) -> Bool {
        guard let self else { return false }
        return try self.encode(into: &bytes)
    }
}

/// A type whose text is a column of type `text`: `enum Role: String, PostgresText { case admin, member }`.
public protocol PostgresText: RawRepresentable, PostgresScalar where RawValue == String {}

extension PostgresText {
    public static var postgresType: PostgresType { .text }
    public static var postgresArrayType: PostgresType { .textArray }

    public func encode(into bytes: inout [UInt8]) throws(PostgresValueError) -> Bool {
        rawValue.encode(into: &bytes)
    }

    public static func isReadable(from type: PostgresType) -> Bool {
        String.isReadable(from: type)
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        guard let value = Self(rawValue: try String(postgres: bytes, type: type)) else {
            throw PostgresValueError("text is no \(Self.self)")
        }
        self = value
    }
}
