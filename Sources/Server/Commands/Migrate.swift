internal import ArgumentParser
internal import Logging
internal import Postgres

/// Brings the database to this version: roles, extension, then the numbered files.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make or update roles and schemas in the database of DATABASE_URL; safe to run again."
    )

    func run() async throws {
    }
}
