internal import FoundationEssentials
internal import Logging
internal import Postgres
internal import Primitives
internal import Tenancy

/// Our side of `ops/bench` below HTTP.
///
///     Bench script                            prints pgbench's script of the same round trip
///     Bench select TENANT CONNECTIONS SECONDS prints selects per second, of DATABASE_APP_URL
///     Bench verify DIRECTORY SECONDS          prints tokens of the issuer there verified per second, none of them known
@main
struct Bench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("script", 1): print(SelectAgents.pgbenchScript)
        case ("select", 4): try await select(arguments)
        case ("verify", 3):
            guard let seconds = Int(arguments[2]) else { throw Misuse() }
            print(try await VerifyBench(issuerDirectory: arguments[1]).run(for: .seconds(seconds)))
        default: throw Misuse()
        }
    }

    private static func select(_ arguments: [String]) async throws {
        guard let tenantID = TenantID(arguments[1]), let connections = Int(arguments[2]),
            let seconds = Int(arguments[3]), let url = ProcessInfo.processInfo.environment["DATABASE_APP_URL"]
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
