public import Primitives

/// A URL that a customer typed and that may be called, taken apart.
///
/// What is sent is written anew from these parts, so that no other reader of URLs can understand it otherwise.
/// A name may still resolve to a blocked address; that is seen at each call.
public struct OutboundTarget: Hashable, Sendable {
    public enum Scheme: String, Sendable {
        case http, https

        var port: Int { self == .https ? 443 : 80 }
    }

    public let scheme: Scheme
    public let host: TargetHost
    public let port: Int
    /// Begins with a slash; as it was typed, without a fragment.
    public let pathAndQuery: String

    /// The URL in its canonical form.
    public var url: String {
        "\(scheme)://\(host)\(port == scheme.port ? "" : ":\(port)")\(pathAndQuery)"
    }

    /// Reads an absolute URL.
    ///
    /// - Throws: `outbound_target_refused`, whose cause is a `TargetProblem`.
    public init(_ text: String, policy: OutboundPolicy) throws(Fault) {
        do {
            try self.init(parsing: text, policy: policy)
        } catch {
            throw error.fault
        }
    }

    private static let maximumLength = 2048

    private init(parsing text: String, policy: OutboundPolicy) throws(TargetProblem) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .notASCII }
        // To some readers a backslash is a slash and a tab is nothing.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("\\"),
            let separator = text.firstRange(of: "://")
        else { throw .unreadable }
        scheme = try Self.scheme(text[..<separator.lowerBound], policy: policy)
        let rest = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty else { throw .unreadable }
        guard !authority.contains("@") else { throw .userInfo }
        let (host, port) = Self.split(authority)
        self.host = try TargetHost(host, policy: policy.addresses)
        self.port = try port.map { text throws(TargetProblem) in try Self.port(text) } ?? scheme.port
        guard policy.ports.contains(where: { [port = self.port] in $0.contains(port) }) else { throw .port }
        let path = rest[authority.endIndex...]
        guard Self.isEncoded(path.utf8) else { throw .character }
        pathAndQuery = path.first == "/" ? String(path) : "/" + path
    }

    private static func scheme(_ text: Substring, policy: OutboundPolicy) throws(TargetProblem) -> Scheme {
        guard let scheme = Scheme(rawValue: text.lowercased()), scheme == .https || policy.allowsPlainHTTP else {
            throw .scheme
        }
        return scheme
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        let afterAddress = authority.first == "[" ? authority.firstIndex(of: "]") ?? authority.startIndex : nil
        guard let colon = authority[(afterAddress ?? authority.startIndex)...].firstIndex(of: ":") else {
            return (authority, nil)
        }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func port(_ text: Substring) throws(TargetProblem) -> Int {
        guard let port = UInt16(text), port > 0, String(port) == text else { throw .port }
        return Int(port)
    }

    /// Whether a path with its query needs no further encoding (RFC 3986, 3.3 and 3.4).
    private static func isEncoded(_ text: Substring.UTF8View) -> Bool {
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2, rest.prefix(2).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
                    return false
                }
            case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
                return false
            default:
                continue
            }
        }
        return true
    }
}
