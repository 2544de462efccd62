/// What a receiver answered, whatever its status; a redirect is answered, never followed.
public struct OutboundResponse: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    /// As it came: encoded, where the receiver encoded it without being asked to.
    public let body: [UInt8]
    /// Whether the response went on beyond the request's `byteCap`, and `body` ends there.
    public let isCut: Bool
    /// The address that was dialled.
    public let address: IPAddress

    /// 2xx; a redirect is a failure.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// - Parameter name: in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
