import FoundationEssentials
import Postgres
import Primitives
import TestSupport
import Testing

/// Against the distribution's Postgres with a certificate made for this run; libpq does the TLS.
@Suite("TLS", .serialized)
struct TLSTests {
    struct SelectTLS: Statement {
        static let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
    }

    private func usesTLS(_ parameters: [String: String]) async throws -> Bool? {
        try await withPool(parameters) { try await $0.queryFirst(SelectTLS()) }
    }

    private func withPool<T: Sendable>(
        _ parameters: [String: String],
        _ body: @Sendable (PostgresPool) async throws -> T
    ) async throws -> T {
        var url = try #require(URLComponents(string: TestServer.tlsURL.exposed))
        url.queryItems = parameters.map { URLQueryItem(name: $0.key, value: $0.value) }
        var configuration = PostgresConfiguration(url: Redacted(try #require(url.string)), poolSize: 1)
        configuration.waitingDeadline = .seconds(2)
        return try await PostgresPool.running(configuration, logger: TestDatabase.logger, body)
    }

    @Test("sslmode decides: require encrypts, disable does not, verify-full accepts the known certificate")
    func modes() async throws {
        #expect(try await usesTLS(["sslmode": "require"]) == true)
        #expect(try await usesTLS(["sslmode": "disable"]) == false)
        let certificate = try TestServer.tlsCertificate
        #expect(try await usesTLS(["sslmode": "verify-full", "sslrootcert": certificate]) == true)
    }

    @Test("verify-full refuses a certificate that nobody known has signed")
    func unknown() async throws {
        let error = await postgresError {
            try await usesTLS(["sslmode": "verify-full", "sslrootcert": "/etc/ssl/certs/ca-certificates.crt"])
        }
        #expect(error?.code == .connectionFailed)
    }

    @Test("Over TLS a cancelled statement's connection is closed, and the pool serves on")
    func cancel() async throws {
        try await withPool(["sslmode": "require"]) { pool in
            let backend = try await pool.query(SelectBackend())
            let task = Task { try await pool.query(Sleep(seconds: 60)) }
            try await withPool([:]) { observer in
                try await until { try await observer.query(CancellationTests.CountSleepers())[0] > 0 }
            }
            task.cancel()
            #expect(await postgresError { try await task.value }?.code == .cancelled)
            #expect(try await pool.query(SelectBackend()) != backend)
        }
    }
}
