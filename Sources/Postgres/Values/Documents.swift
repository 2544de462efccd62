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
        var reader = BinaryReader(bytes)
        if type == .jsonb, try reader.integer(UInt8.self) != 1 {
            throw PostgresValueError("unknown version of jsonb")
        }
        do {
            self = try JSON.parse(reader.bytes).root
        } catch {
            throw PostgresValueError("JSON: \(error)")
        }
    }

    package static func isArrayReadable(from type: PostgresType) -> Bool { type == .jsonbArray }
}
