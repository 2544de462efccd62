package import Primitives

/// `jsonb` (bound and read) and `json` (read). Binary `jsonb` is a version byte, 1, and the text.
extension JSON: PostgresScalar {
    package static var postgresType: PostgresType { .jsonb }
    package static var postgresArrayType: PostgresType { .jsonbArray }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(1)
        bytes.append(contentsOf: encoded)
        return true
    }

    package static func isReadable(from type: PostgresType) -> Bool {
        type == .jsonb || type == .json
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        let text = try bytes.jsonText(type)
        do {
            self = try JSON.parse(text).root
        } catch {
            throw PostgresValueError("JSON: \(error)")
        }
    }

    package static func isArrayReadable(from type: PostgresType) -> Bool { type == .jsonbArray }
}

/// The same, with the text left unread: Postgres has verified it.
extension JSONText: PostgresScalar {
    package static var postgresType: PostgresType { .jsonb }
    package static var postgresArrayType: PostgresType { .jsonbArray }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(1)
        bytes.append(contentsOf: text.utf8)
        return true
    }

    package static func isReadable(from type: PostgresType) -> Bool { JSON.isReadable(from: type) }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        self.init(verified: try String(postgres: bytes.jsonText(type), type: .text))
    }

    package static func isArrayReadable(from type: PostgresType) -> Bool { type == .jsonbArray }
}

extension UnsafeRawBufferPointer {
    fileprivate func jsonText(_ type: PostgresType) throws(PostgresValueError) -> UnsafeRawBufferPointer {
        guard type == .jsonb else { return self }
        guard first == 1 else { throw PostgresValueError("unknown version of jsonb") }
        return UnsafeRawBufferPointer(rebasing: self[1...])
    }
}
