internal import FoundationEssentials
package import Postgres
package import Primitives

/// The Postgres server of this test run.
package enum TestServer {
    /// The administrator's URL, from `TEST_DATABASE_URL`.
    ///
    /// - Throws: when it is missing, or names another host than this machine's loopback: tests drop databases.
    package static var url: Redacted<String> {
        get throws {
            guard let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"] else {
                throw MissingTestService("TEST_DATABASE_URL is not set; ops/test starts a server and sets it")
            }
            let host = URLComponents(string: url)?.host
            guard let host, ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host) else {
                throw MissingTestService("TEST_DATABASE_URL must name 127.0.0.1, ::1 or localhost")
            }
            return Redacted(url)
        }
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
