internal import FoundationEssentials
internal import Logging
internal import Postgres
internal import Primitives
internal import Tenancy

/// Our side of `ops/bench` below HTTP.
///
///     Bench script                            prints pgbench's script of the same round trip
///     Bench select TENANT CONNECTIONS SECONDS prints selects per second, of DATABASE_APP_URL
@main
struct Bench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == ["script"] { return print(SelectAgents.pgbenchScript) }
        guard arguments.count == 4, arguments[0] == "select", let tenantID = TenantID(arguments[1]),
            let connections = Int(arguments[2]), let seconds = Int(arguments[3]),
            let url = ProcessInfo.processInfo.environment["DATABASE_APP_URL"]
        else { throw Misuse() }
        let configuration = PostgresConfiguration(url: Redacted(url), poolSize: connections)
        try await PostgresPool.running(configuration, logger: Logger(label: "bench")) { pool in
            let bench = SelectBench(database: TenantDatabase(pool: pool), tenantID: tenantID, tasks: connections)
            _ = try await bench.run(for: .seconds(1))
            print(try await bench.run(for: .seconds(seconds)))
        }
    }

    struct Misuse: Error {}
}

/// As many tasks as connections, each with one select under way, as pgbench's clients.
struct SelectBench {
    let database: TenantDatabase
    let tenantID: TenantID
    let tasks: Int

    /// - Returns: selects per second.
    func run(for duration: Duration) async throws -> Double {
        let start = ContinuousClock.now
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks { group.addTask { try await selects(until: start + duration) } }
            return try await group.reduce(0, +)
        }
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func selects(until end: ContinuousClock.Instant) async throws -> Int {
        var count = 0
        while ContinuousClock.now < end {
            let rows = try await database.query(SelectAgents(tenantID: tenantID), in: tenantID)
            guard rows.count == 20 else { throw WrongAnswer(rows: rows.count) }
            count += 1
        }
        return count
    }

    struct WrongAnswer: Error {
        let rows: Int
    }
}
