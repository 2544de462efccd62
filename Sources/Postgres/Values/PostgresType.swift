/// A Postgres type by its object id; the numbers are fixed in Postgres' `pg_type.dat`.
public struct PostgresType: Hashable, Sendable {
    public let oid: UInt32

    public init(oid: UInt32) {
        self.oid = oid
    }

    public static let bool = Self(oid: 16)
    public static let bytea = Self(oid: 17)
    public static let name = Self(oid: 19)
    public static let int8 = Self(oid: 20)
    public static let int2 = Self(oid: 21)
    public static let int4 = Self(oid: 23)
    public static let text = Self(oid: 25)
    public static let json = Self(oid: 114)
    public static let float4 = Self(oid: 700)
    public static let float8 = Self(oid: 701)
    public static let bpchar = Self(oid: 1042)
    public static let varchar = Self(oid: 1043)
    public static let timestamptz = Self(oid: 1184)
    public static let numeric = Self(oid: 1700)
    public static let uuid = Self(oid: 2950)
    public static let jsonb = Self(oid: 3802)

    public static let boolArray = Self(oid: 1000)
    public static let byteaArray = Self(oid: 1001)
    public static let nameArray = Self(oid: 1003)
    public static let int2Array = Self(oid: 1005)
    public static let int4Array = Self(oid: 1007)
    public static let textArray = Self(oid: 1009)
    public static let varcharArray = Self(oid: 1015)
    public static let int8Array = Self(oid: 1016)
    public static let float4Array = Self(oid: 1021)
    public static let float8Array = Self(oid: 1022)
    public static let timestamptzArray = Self(oid: 1185)
    public static let numericArray = Self(oid: 1231)
    public static let uuidArray = Self(oid: 2951)
    public static let jsonbArray = Self(oid: 3807)
}

extension PostgresType: CustomStringConvertible {
    public var description: String {
        Self.names[self] ?? "oid \(oid)"
    }

    private static let names: [PostgresType: String] = [
        .bool: "bool", .bytea: "bytea", .name: "name", .int8: "int8", .int2: "int2", .int4: "int4", .text: "text",
        .json: "json", .float4: "float4", .float8: "float8", .bpchar: "bpchar", .varchar: "varchar",
        .timestamptz: "timestamptz", .numeric: "numeric", .uuid: "uuid", .jsonb: "jsonb",
        .boolArray: "bool[]", .byteaArray: "bytea[]", .nameArray: "name[]", .int2Array: "int2[]",
        .int4Array: "int4[]", .textArray: "text[]", .varcharArray: "varchar[]", .int8Array: "int8[]",
        .float4Array: "float4[]", .float8Array: "float8[]", .timestamptzArray: "timestamptz[]",
        .numericArray: "numeric[]", .uuidArray: "uuid[]", .jsonbArray: "jsonb[]",
        Self(oid: 18): "char", Self(oid: 26): "oid", Self(oid: 705): "unknown", Self(oid: 1082): "date",
        Self(oid: 1114): "timestamp", Self(oid: 1186): "interval", Self(oid: 2278): "void",
    ]
}
