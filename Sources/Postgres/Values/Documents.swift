public import Primitives

/// `jsonb` (bound and read) and `json` (read). Binary `jsonb` is a version byte, 1, and the text.
extension JSON: PostgresScalar {
    public static var postgresType: PostgresType { .jsonb }
    public static var postgresArrayType: PostgresType { .jsonbArray }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(1)
        bytes.append(contentsOf: encoded)
        return true
    }

    public static func isReadable(from type: PostgresType) -> Bool {
        type == .jsonb || type == .json
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        let text = try bytes.jsonText(type)
        do {
            self = try JSON.parse(text).root
        } catch {
            throw PostgresValueError("JSON: \(error)")
        }
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool { type == .jsonbArray }
}

/// The same, with the text left unread: Postgres has verified it.
extension JSONText: PostgresScalar {
    public static var postgresType: PostgresType { .jsonb }
    public static var postgresArrayType: PostgresType { .jsonbArray }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(1)
        bytes.append(contentsOf: text.utf8)
        return true
    }

    public static func isReadable(from type: PostgresType) -> Bool { JSON.isReadable(from: type) }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        self.init(verified: try String(postgres: bytes.jsonText(type), type: .text))
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool { type == .jsonbArray }
}

extension UnsafeRawBufferPointer {
    fileprivate func jsonText(_ type: PostgresType) throws(PostgresValueError) -> UnsafeRawBufferPointer {
        guard type == .jsonb else { return self }
        guard first == 1 else { throw PostgresValueError("unknown version of jsonb") }
        return UnsafeRawBufferPointer(rebasing: self[1...])
    }
}
