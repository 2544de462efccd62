public import Secrets

/// Where the keys that sign session tokens come from.
public enum JWKSSource: Sendable {
    /// A key set served by Clerk, `https://<frontend api>/.well-known/jwks.json`.
    case url(String)
    /// A file with a key set, read again as often as a URL would be.
    case file(path: String)
    /// One key, whatever id a token gives it: with it nothing is ever fetched.
    case key(RSAPublicKey)

    /// - Parameter setting: PEM of a public key, a URL with `https:` (`http:` only for this machine), or a file's path.
    /// - Returns: nil for a URL in clear and for a broken PEM.
    public init?(setting: String) {
        if setting.contains("-----BEGIN") {
            guard let key = try? RSAPublicKey(pem: setting) else { return nil }
            self = .key(key)
        } else if setting.contains("://") {
            let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
            let isLocal = local.contains { host in
                setting.hasPrefix(host) && [nil, ":", "/"].contains(setting.dropFirst(host.count).first)
            }
            guard setting.hasPrefix("https://") || isLocal else { return nil }
            self = .url(setting)
        } else {
            guard !setting.isEmpty else { return nil }
            self = .file(path: setting)
        }
    }
}
