/// The values of a statement's placeholders, already in Postgres' binary format.
public struct Bindings: Sendable, ExpressibleByArrayLiteral {
    struct Parameter: Sendable {
        let type: PostgresType
        /// Where the value lies in `bytes`; nil for NULL.
        let range: Range<Int>?
    }

    private(set) var parameters: [Parameter] = []
    private(set) var bytes: [UInt8] = []
    /// The first value that Postgres cannot hold; the statement is then refused before anything is sent.
    private(set) var failure: (index: Int, reason: String)?

    public init() {}

    public init(arrayLiteral elements: any PostgresEncodable...) {
        self.init(elements)
    }

    public init(_ values: [any PostgresEncodable]) {
        parameters.reserveCapacity(values.count)
        for value in values { append(value) }
    }

    public mutating func append(_ value: some PostgresEncodable) {
        let type = Swift.type(of: value).postgresType
        let start = bytes.count
        do {
            let isPresent = try value.encode(into: &bytes)
            parameters.append(Parameter(type: type, range: isPresent ? start..<bytes.count : nil))
        } catch {
            failure = failure ?? (parameters.count, error.reason)
            parameters.append(Parameter(type: type, range: nil))
        }
    }
}
