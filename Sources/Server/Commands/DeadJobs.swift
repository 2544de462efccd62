internal import ArgumentParser
internal import Jobs
internal import Postgres
internal import Primitives
internal import Tenancy

/// What the platform's operators do with jobs that were given up.
struct DeadJobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Look at jobs that were given up, and have them done again.",
        subcommands: [Dead.self, Retry.self]
    )

    struct Dead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List dead jobs of all organisations, a line each, the latest first; payloads are not shown."
        )

        @Option(help: "At most so many.")
        var limit = 100

        func run() async throws {
            let limit = limit
            let jobs = try await withServerDatabase(as: .worker) { try await JobInspection().dead(limit, from: $0) }
            for job in jobs { print(job.line) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enqueue dead jobs again, with all their attempts; a worker begins within a second."
        )

        @Argument(help: "Ids, as `agentes jobs dead` shows them.")
        var ids: [String]

        func run() async throws {
            let wanted = try ids.map { text in
                guard let id = JobID(text) else { throw ValidationError("\(text) is no job's id") }
                return id
            }
            let owners = try await withServerDatabase(as: .worker) { pool in
                try await JobInspection().owners(of: wanted, in: pool)
            }
            let stillDead = try await withServerDatabase(as: .app) { pool in
                var stillDead: [JobID] = []
                for id in wanted {
                    let queue = try await TenantDatabase(pool: pool).transaction(in: owners[id] ?? .none, by: .system) {
                        try await JobInspection().retry(id, in: $0)
                    }
                    if let queue { print("\(id) waits in \(queue.rawValue)") } else { stillDead.append(id) }
                }
                return stillDead
            }
            for id in stillDead { print("\(id) is not dead, or another of its key waits or runs") }
            if !stillDead.isEmpty { throw ExitCode.failure }
        }
    }
}

extension DeadJob {
    /// What an operator has to know to decide.
    fileprivate var line: String {
        let tries = "\(attempt)/\(maximumAttempts) attempts, \(crashes) crashes"
        return [
            "\(id)", "\(diedAt)", "tenant \(tenantID)", "\(queue.rawValue)", kind, tries, failure ?? "",
        ].joined(separator: "  ")
    }
}
