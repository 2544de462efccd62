internal import FoundationEssentials
public import Secrets

/// Where the keys that sign session tokens come from.
public enum JWKSSource: Sendable {
    /// A key set served by Clerk, `https://<frontend api>/.well-known/jwks.json`.
    case url(String)
    /// A file with a key set, read again as often as a URL would be.
    case file(path: String)
    /// One key, whatever id a token gives it: with it nothing is ever fetched.
    case key(RSAPublicKey)

    /// - Parameter setting: PEM of a public key, a URL with `https:` (`http:` only for this machine), or the path of a file
    ///   with a key set or such a PEM, which is read.
    /// - Returns: nil for a URL in clear, a broken PEM, and a file that has no keys or cannot be read.
    public init?(setting: String) {
        if setting.contains("://") {
            let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
            let isLocal = local.contains { host in
                setting.hasPrefix(host) && [nil, ":", "/"].contains(setting.dropFirst(host.count).first)
            }
            guard setting.hasPrefix("https://") || isLocal else { return nil }
            self = .url(setting)
        } else if Self.isPEM(setting) {
            self.init(pem: setting)
        } else {
            guard !setting.isEmpty, let content = try? Data(contentsOf: URL(filePath: setting)) else { return nil }
            let text = String(decoding: content, as: UTF8.self)
            if Self.isPEM(text) {
                self.init(pem: text)
            } else {
                guard (try? JWKS.parse([UInt8](content))) != nil else { return nil }
                self = .file(path: setting)
            }
        }
    }

    private init?(pem: String) {
        guard let key = try? RSAPublicKey(pem: pem) else { return nil }
        self = .key(key)
    }

    private static func isPEM(_ text: String) -> Bool {
        text.contains("-----BEGIN")
    }
}
