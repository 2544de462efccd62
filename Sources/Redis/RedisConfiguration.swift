internal import FoundationEssentials
public import Primitives

/// How to reach Redis and how long to wait for it.
public struct RedisConfiguration: Sendable {
    public let host: String
    public let port: Int
    public let user: String?
    public let password: Redacted<String>?
    /// The database's number, selected on each connection.
    public let database: Int
    /// `rediss://`: TLS, with the certificate and the host name verified.
    public let usesTLS: Bool
    /// A PEM file of the certificates to trust; nil for the system's.
    public var certificateAuthorityFile: String?
    /// What `CLIENT LIST` shows; no spaces.
    public var clientName = "agentes"
    /// How long a command waits for its reply, unless it says otherwise.
    public var commandTimeout = Duration.seconds(1)
    /// With commands waiting and nothing received for so long, the connection is closed and opened anew.
    public var stallTimeout = Duration.seconds(5)
    /// How long connecting may take, and then the exchange of names and passwords.
    public var connectTimeout = Duration.seconds(2)
    /// How many commands may wait for their reply; more are refused.
    public var inFlightLimit = 16_384

    /// - Parameter url: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS; user and password
    ///   percent-encoded, port 6379 unless given.
    public init(url: String) throws(RedisError) {
        guard let url = URLComponents(string: url), url.scheme == "redis" || url.scheme == "rediss",
            let host = url.host, !host.isEmpty, url.query == nil, url.fragment == nil
        else { throw RedisError(.malformedURL) }
        let path = url.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), (0...65_535).contains(database),
            (1...65_535).contains(url.port ?? 6379)
        else { throw RedisError(.malformedURL) }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? 6379
        user = url.user.flatMap { $0.isEmpty ? nil : $0 }
        password = url.password.map { Redacted($0) }
        self.database = database
        usesTLS = url.scheme == "rediss"
    }
}
