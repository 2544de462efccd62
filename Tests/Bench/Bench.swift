internal import FoundationEssentials
internal import Logging
internal import Postgres
internal import Primitives
internal import Tenancy

/// Our side of `ops/bench` below HTTP.
///
///     Bench script                            prints pgbench's script of the same round trip
///     Bench select TENANT CONNECTIONS SECONDS prints selects per second, of DATABASE_APP_URL
///     Bench jobs JOBS CONNECTIONS SLOTS       prints no-op jobs per second, of DATABASE_APP_URL and DATABASE_WORKER_URL
///     Bench claims ROUNDS SLOTS               claims so many jobs as often, and gives them back
///     Bench starts SECONDS SLOTS              prints the 99th percentile of milliseconds from a job's enqueuing to its start
///     Bench verify DIRECTORY SECONDS          prints tokens of the issuer there verified per second, none of them known
@main
struct Bench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("script", 1): print(SelectAgents.pgbenchScript)
        case ("select", 4): try await select(arguments)
        case ("jobs", 4), ("claims", 3), ("starts", 3):
            let numbers = arguments.dropFirst().compactMap { Int($0) }
            guard numbers.count == arguments.count - 1 else { throw Misuse() }
            try await jobs(arguments[0], numbers)
        case ("verify", 3):
            guard let seconds = Int(arguments[2]) else { throw Misuse() }
            print(try await VerifyBench(issuerDirectory: arguments[1]).run(for: .seconds(seconds)))
        default: throw Misuse()
        }
    }

    /// With as many connections as a server that has so many for requests.
    private static func jobs(_ command: String, _ numbers: [Int]) async throws {
        let connections = command == "jobs" ? numbers[1] : 8
        try await withPool("DATABASE_APP_URL", connections) { app in
            try await withPool("DATABASE_WORKER_URL", max(2, connections / 4)) { worker in
                switch command {
                case "jobs":
                    let bench = JobsBench(app: app, worker: worker, slots: numbers[2])
                    let rates = try await bench.run(jobs: numbers[0], tasks: connections)
                    print(rates.all, rates.enqueued, rates.done, rates.batched)
                case "claims":
                    try await ClaimsBench(app: app, worker: worker, slots: numbers[1]).run(rounds: numbers[0])
                default:
                    let bench = StartsBench(app: app, worker: worker, slots: numbers[1], work: .milliseconds(50))
                    print(try await bench.run(for: .seconds(numbers[0]), rate: 100) / .milliseconds(1))
                }
            }
        }
    }

    private static func withPool(
        _ variable: String,
        _ connections: Int,
        _ body: @Sendable (PostgresPool) async throws -> Void
    ) async throws {
        guard let url = ProcessInfo.processInfo.environment[variable] else { throw Misuse() }
        let configuration = PostgresConfiguration(url: Redacted(url), poolSize: connections)
        try await PostgresPool.running(configuration, logger: Logger(label: "bench"), body)
    }

    private static func select(_ arguments: [String]) async throws {
        guard let tenantID = TenantID(arguments[1]), let connections = Int(arguments[2]),
            let seconds = Int(arguments[3])
        else { throw Misuse() }
        try await withPool("DATABASE_APP_URL", connections) { pool in
            let bench = SelectBench(database: TenantDatabase(pool: pool), tenantID: tenantID, tasks: connections)
            _ = try await bench.run(for: .seconds(1))
            print(try await bench.run(for: .seconds(seconds)))
        }
    }

    struct Misuse: Error {}
}
