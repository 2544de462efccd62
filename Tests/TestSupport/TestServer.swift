internal import FoundationEssentials
package import Postgres
package import Primitives

/// The Postgres server of this test run.
package enum TestServer {
    /// The administrator's URL, from `TEST_DATABASE_URL`, or that of the server which the test has started itself.
    ///
    /// - Throws: when it is missing, or names another host than this machine's loopback: tests drop databases.
    package static var url: Redacted<String> {
        get throws { try own ?? url("TEST_DATABASE_URL") }
    }

    /// The administrator's URL of a server that a test has for itself, because it stops or kills it.
    @TaskLocal package static var own: Redacted<String>?

    /// Where the transaction pooler in front of that server listens.
    @TaskLocal package static var ownPooler: String?

    /// Whether this run is one through a transaction pooler: with one, the roles of the house go through it.
    package static var isPooled: Bool { sharedPooler != nil }

    /// Where the pooler listens, as `postgres://127.0.0.1:6432`; from `TEST_POOLER_URL`, or that of the test's own server.
    static var poolerURL: URLComponents? {
        (own == nil ? sharedPooler : ownPooler).flatMap { URLComponents(string: $0) }
    }

    private static var sharedPooler: String? { ProcessInfo.processInfo.environment["TEST_POOLER_URL"] }

    /// The administrator's URL of a second server, which speaks TLS; from `TEST_TLS_DATABASE_URL`.
    package static var tlsURL: Redacted<String> {
        get throws { try url("TEST_TLS_DATABASE_URL") }
    }

    /// The path of that server's certificate, made for `localhost`; from `TEST_TLS_CERTIFICATE`.
    package static var tlsCertificate: String {
        get throws { try variable("TEST_TLS_CERTIFICATE") }
    }

    private static func url(_ name: String) throws -> Redacted<String> {
        let url = try variable(name)
        guard let host = URLComponents(string: url)?.host,
            ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host)
        else { throw MissingTestService("\(name) must name 127.0.0.1, ::1 or localhost") }
        return Redacted(url)
    }

    private static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            throw MissingTestService("\(name) is not set; ops/test starts the server and sets it")
        }
        return value
    }

    package static func password(of role: PostgresRole) -> Redacted<String> {
        Redacted("only-for-tests-\(role.rawValue)")
    }
}

/// A service that the tests need is missing: the run fails.
package struct MissingTestService: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
