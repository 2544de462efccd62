/// Binary format: as text, libpq would cut the value at its first NUL, silently; as binary the server refuses it (22021).
extension String: PostgresScalar {
    public static var postgresType: PostgresType { .text }
    public static var postgresArrayType: PostgresType { .textArray }

    public func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: utf8)
        return true
    }

    public static func isReadable(from type: PostgresType) -> Bool {
        type == .text || type == .varchar || type == .name || type == .bpchar
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        do throws(UTF8.ValidationError) {
            self = String(copying: try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span))
        } catch {
            throw PostgresValueError("not UTF-8")
        }
    }

    public static func isArrayReadable(from type: PostgresType) -> Bool {
        type == .textArray || type == .varcharArray || type == .nameArray
    }
}
