package import FoundationEssentials
package import Primitives

extension UUID: PostgresScalar {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
        return true
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        guard bytes.count == 16 else { throw PostgresValueError("no 16 bytes") }
        self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

extension Identifier: PostgresScalar {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        uuid.encode(into: &bytes)
    }

    package init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        self.init(try UUID(postgres: bytes, type: type))
    }
}
