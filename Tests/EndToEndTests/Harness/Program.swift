internal import Auth
internal import FoundationEssentials
internal import Postgres
internal import Primitives
internal import Secrets
internal import Subprocess
internal import TestSupport

/// The program under test with everything it needs: a database of its own, keys of its own, an environment of its own.
///
/// Several servers can run on it, one after another or side by side.
struct Program: Sendable {
    let database: TestDatabase
    let issuer: DevelopmentIssuer
    /// What `agentes` reads, and nothing of this process's own.
    let environment: [String: String]
    let executable: Executable

    /// The origin of pages that may call the API with credentials.
    static let allowedOrigin = "https://painel.exemplo.com.br"
    private static let party = "http://localhost:3000"

    /// Runs `body` with a fresh database and fresh keys.
    /// - Parameter settings: variables on top of the tests' own.
    static func deployed<T: Sendable>(
        _ settings: [String: String] = [:],
        _ body: @Sendable (Program) async throws -> T
    ) async throws -> T {
        try await TestDatabase.using { database in
            let directory = FileManager.default.temporaryDirectory
                .appending(path: "agentes-e2e-\(UUIDv7.next().uuidString)", directoryHint: .isDirectory)
            defer { try? FileManager.default.removeItem(at: directory) }
            let issuer = try DevelopmentIssuer(
                directory: directory.path,
                issuer: "https://clerk.localhost",
                authorizedParty: party
            )
            return try await body(Program(database, issuer, settings))
        }
    }

    private init(_ database: TestDatabase, _ issuer: DevelopmentIssuer, _ settings: [String: String]) throws {
        self.database = database
        self.issuer = issuer
        let file = try URL(filePath: testVariable("TEST_AGENTES"))
        executable = .name(file.lastPathComponent)
        let unlimited = "10000000"
        let app = try database.configuration(as: .app)
        environment = try [
            // The program's own folder first: it is started by its name.
            "PATH": "\(file.deletingLastPathComponent().path):/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "ENVIRONMENT": "development",
            "HOST": "127.0.0.1",
            "PORT": "0",
            "WORK_PORT": "0",
            "DATABASE_URL": Self.url(database.configuration()),
            // Roles are the cluster's: the passwords are those that all tests share.
            "DATABASE_APP_URL": Self.url(app),
            "DATABASE_WORKER_URL": Self.url(database.configuration(as: .worker)),
            // False where a transaction pooler stands in between (TEST_POOLER_URL).
            "DATABASE_PREPARED_STATEMENTS": "\(app.usesPreparedStatements)",
            "DATABASE_BEHIND_POOLER": "\(app.isBehindTransactionPooler)",
            "REDIS_URL": testVariable("TEST_REDIS_URL"),
            "MASTER_KEY": Base64.standard.encode(SecureRandom.bytes(32)),
            "CLERK_ISSUER": issuer.issuer,
            "CLERK_AUTHORIZED_PARTIES": issuer.authorizedParty,
            "CLERK_JWKS": issuer.jwksPath,
            "CLERK_WEBHOOK_SECRET": issuer.webhookSecret.text.exposed,
            "CORS_ORIGINS": Self.allowedOrigin,
            "LOCAL_PROVIDER_PACE_MS": "0",
            "STREAM_PACE_MS": "0",
            "RATE_LIMIT_TENANT": unlimited,
            "RATE_LIMIT_USER": unlimited,
            "RATE_LIMIT_ADDRESS": unlimited,
            "RATE_LIMIT_FAILED_AUTHENTICATION": unlimited,
            "WEB_ASSETS": Self.root.appending(path: ".local/web-assets").path,
        ].merging(settings) { _, new in new }
    }

    /// The repository's folder.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Values that no log may show.
    var secrets: [String] {
        ["MASTER_KEY", "CLERK_WEBHOOK_SECRET", "DATABASE_URL", "DATABASE_APP_URL", "DATABASE_WORKER_URL"]
            .compactMap { environment[$0] }
    }

    /// What a command of the program prints.
    func output(of arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            executable,
            arguments: Arguments(arguments),
            environment: .custom(environment.keyed),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw ProgramFailure("agentes \(arguments.joined(separator: " ")): \(result.standardError)")
        }
        return result.standardOutput
    }

    /// The configuration's URL with its user, password and database in place.
    private static func url(_ configuration: PostgresConfiguration) throws -> String {
        guard var components = URLComponents(string: configuration.url.exposed) else {
            throw ProgramFailure("TEST_DATABASE_URL is no URL")
        }
        components.user = configuration.user ?? components.user
        components.password = configuration.password?.exposed ?? components.password
        components.path = configuration.database.map { "/\($0)" } ?? components.path
        guard let url = components.string else { throw ProgramFailure("TEST_DATABASE_URL is no URL") }
        return url
    }
}

struct ProgramFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A variable that `ops/test` sets.
func testVariable(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
        throw MissingTestService("\(name) is not set; ops/test sets it")
    }
    return value
}

extension [String: String] {
    var keyed: [Environment.Key: String] {
        reduce(into: [:]) { keyed, pair in
            if let key = Environment.Key(rawValue: pair.key) { keyed[key] = pair.value }
        }
    }
}
