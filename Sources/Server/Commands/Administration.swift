internal import ArgumentParser
internal import Postgres
internal import Primitives
internal import Tenancy

/// What the platform's operators do, with the server's own settings; running servers learn of it from the database.
struct Administration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Decide about organisations, as the platform's operator.",
        subcommands: [Suspend.self, Activate.self]
    )

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse everybody of an organisation and close what it has open; nothing is deleted."
        )

        @Argument(help: "Clerk's id of the organisation.")
        var organization: String

        func run() async throws {
            try await change(organization) { try await OrganizationService().suspend(in: $0) }
            print("suspended; every running server refuses it within 5 s")
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended organisation in again.")

        @Argument(help: "Clerk's id of the organisation.")
        var organization: String

        func run() async throws {
            try await change(organization) { try await OrganizationService().activate(in: $0) }
            print("active")
        }
    }
}

/// Whoever is logged in on this machine.
private var operatorName: String {
    let environment = processEnvironment()
    return environment["SUDO_USER"] ?? environment["USER"] ?? "operator"
}

private func change(
    _ organization: String,
    _ decide: @Sendable (TenantTransaction) async throws -> Void
) async throws {
    do {
        try await withServerDatabase(as: .app) { pool in
            try await TenantDatabase(pool: pool).transaction(
                in: TenantID(clerkOrganizationID: organization),
                by: Origin(Principal.Actor(.operator, operatorName)),
                decide
            )
        }
    } catch let fault as Fault {
        throw ValidationError(fault.text(in: .english))
    }
}
