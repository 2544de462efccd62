public import Primitives

/// `timestamptz` is microseconds since 2000-01-01T00:00:00Z; its infinities, the greatest and the smallest int8, are no
/// moments and are refused both ways.
extension Timestamp: PostgresScalar {
    /// 2000-01-01T00:00:00Z: 10,957 days after 1970-01-01.
    private static let epoch: Int64 = 10_957 * 86_400 * 1_000_000

    public static var postgresType: PostgresType { .timestamptz }
    public static var postgresArrayType: PostgresType { .timestamptzArray }

    public func encode(into bytes: inout [UInt8]) throws(PostgresValueError) -> Bool {
        let (value, overflow) = microsecondsSinceEpoch.subtractingReportingOverflow(Self.epoch)
        guard !overflow, value != .min else { throw PostgresValueError("moment out of range") }
        bytes.append(bigEndian: value)
        return true
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        let value = try reader.integer(Int64.self)
        try reader.finish()
        guard value != .max, value != .min else { throw PostgresValueError("infinity is no moment") }
        let (moment, overflow) = value.addingReportingOverflow(Self.epoch)
        guard !overflow else { throw PostgresValueError("moment out of range") }
        self.init(microsecondsSinceEpoch: moment)
    }
}
