internal import FoundationEssentials

/// Where a project's events go: `<scheme>://<key>[:<secret>]@<host>[:<port>][/<path>]/<project>`.
///
/// Source: develop.sentry.dev, "SDK overview".
struct SentryDSN: Sendable {
    /// `<scheme>://<host>[:<port>][/<path>]/api/<project>/envelope/`.
    let endpoint: String
    private let key: String
    private let secret: String?

    /// - Returns: nil for a text of another form, or one that does not fit into a header.
    init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let host = url.host, !host.isEmpty, url.query == nil, url.fragment == nil,
            let key = url.user, Self.isToken(key), url.password.map(Self.isToken) ?? true
        else { return nil }
        var path = url.path.split(separator: "/").map(String.init)
        guard let project = path.popLast(), Self.isToken(project) else { return nil }
        self.key = key
        secret = url.password
        let origin = "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
        endpoint = ([origin] + path + ["api", project, "envelope", ""]).joined(separator: "/")
    }

    /// The value of `X-Sentry-Auth`.
    func authorization(client: String) -> String {
        "Sentry sentry_version=7, sentry_client=\(client), sentry_key=\(key)"
            + (secret.map { ", sentry_secret=\($0)" } ?? "")
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
