internal import Primitives
internal import Tenancy

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
