/// One request to an address that a customer typed.
public struct OutboundRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public var method: Method
    /// As it was typed; checked at each call with the client's policy.
    public var url: String
    /// Sent in this order, beside the client's own (see `Self.ownHeaders`).
    public var headers: [(name: String, value: String)]
    /// Sent byte for byte.
    public var body: [UInt8]
    /// For everything together, from waiting for a turn to the last byte of the response; default 15 s.
    public var deadline: Duration
    /// Bytes of the response that are read at most, from its status line to the end of its body; default 64 KiB.
    public var byteCap: Int

    public init(
        _ method: Method,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        deadline: Duration = .seconds(15),
        byteCap: Int = 64 << 10
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.byteCap = byteCap
    }

    /// What says where a request goes, where it ends and what becomes of its connection is the client's to write; in lower
    /// case.
    public static let ownHeaders: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "proxy-authorization", "te", "trailer", "upgrade", "expect",
    ]

    /// Whether it is a token (RFC 9110, 5.6.2), as every header's name.
    public static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// The first header that cannot be sent: one of the client's own, one whose name is no token, or whose value would end
    /// its line (RFC 9110, 5.1 and 5.5).
    var unsendableHeader: String? {
        headers.first { name, value in
            Self.ownHeaders.contains(name.lowercased()) || !Self.isToken(name)
                || value.utf8.contains { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }
        }?.name
    }
}
