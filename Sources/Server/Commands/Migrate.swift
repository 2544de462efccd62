internal import ArgumentParser
internal import Logging
internal import Postgres
internal import Primitives
internal import Secrets

/// Brings the database to this version: roles and extension, then the numbered files.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make or update roles and schemas in the database of DATABASE_URL; safe to run again."
    )

    @Flag(help: "Only the roles and the extension, as a cluster needs them before a backup is restored into it.")
    var rolesOnly = false

    func run() async throws {
        let configuration = try Configuration(environment: processEnvironment())
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: configuration.logLevel) }
        let logger = Logger(label: "agentes.migrate")
        let masterKey = try MasterKey(configuration.masterKey.exposed)
        let database = configuration.database
        let administrator = PostgresConfiguration(url: database.directURL ?? database.url, poolSize: 1)
        do {
            try await Bootstrap(
                appPassword: masterKey.password(of: .app),
                workerPassword: masterKey.password(of: .worker),
                logger: logger
            ).run(administrator)
            guard !rolesOnly else { return }
            let applied = try await Migrator(directory: database.migrationsDirectory, logger: logger)
                .migrate(administrator)
            logger.info("database is at this version", metadata: ["applied": "\(applied)"])
        } catch let error as PostgresError {
            throw MigrationFailure(error: error)
        }
    }
}

/// Why the database could not be brought to this version, for the person who ran the command.
private struct MigrationFailure: Error, CustomStringConvertible {
    let error: PostgresError

    var description: String {
        [error.code.description, error.reason, error.message, error.detail].compactMap { $0 }.joined(separator: ": ")
    }
}
