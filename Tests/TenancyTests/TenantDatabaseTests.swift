internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("The tenants' database", .database)
struct TenantDatabaseTests {
    private static let aborts = 10_000
    private static let tasks = 20

    @Test("10,000 transactions broken off at any moment, and backends killed: nobody sees another's tenant")
    func aborted() async throws {
        let database = try TestDatabase.current
        let configuration = try database.configuration(as: .app, poolSize: 4)
        try await PostgresPool.running(configuration, logger: TestDatabase.logger) { pool in
            let tenants = TenantDatabase(pool: pool)
            let finished = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<Self.tasks {
                    group.addTask {
                        var finished = 0
                        for round in 0..<(Self.aborts / Self.tasks) {
                            let own = TenantID(clerkOrganizationID: "org_\(index)_\(round % 2)")
                            if try await Self.breakOff(own, tenants) { finished += 1 }
                            // Whoever comes next and names no tenant has none.
                            if let seen = try? await pool.query(SelectTenant()).first {
                                #expect(seen.isEmpty, "an idle connection is set to \(seen)")
                            }
                            if round % 50 == 0 { _ = try await database.administrator.query(KillOne()) }
                        }
                        return finished
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect((1..<Self.aborts).contains(finished), "\(finished) were done before they were broken off")
            #expect(pool.state.open <= 4)
        }
    }

    @Test("Who is to be woken is woken once the transaction has committed, and nobody when it has not")
    func wakeUps() async throws {
        let database = try TestDatabase.current
        let woken = WokenTopics()
        let tenants = TenantDatabase(pool: database.app, wake: woken.record)
        let (first, second) = (WakeUpTopic(rawValue: "first"), WakeUpTopic(rawValue: "second"))
        try await tenants.transaction(in: .next()) { transaction in
            for topic in [first, second, first] { transaction.wakeAfterCommit(topic) }
            _ = try await transaction.query(SelectTenant())
            #expect(woken.all.isEmpty)
        }
        #expect(Set(woken.all) == [first, second])
        await #expect(throws: Abandoned.self) {
            try await tenants.transaction(in: .next()) { transaction in
                transaction.wakeAfterCommit(first)
                throw Abandoned()
            }
        }
        // A statement fails and its error is swallowed: the transaction is rolled back all the same.
        await #expect(throws: (any Error).self) {
            try await tenants.transaction(in: .next()) { transaction in
                transaction.wakeAfterCommit(first)
                _ = try? await transaction.query(DivideByZero())
            }
        }
        #expect(woken.all.count == 2)
    }

    private struct Abandoned: Error {}

    private struct DivideByZero: Statement {
        static let sql = "SELECT 1 / 0"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    /// - Returns: whether the transaction was quicker.
    private static func breakOff(_ own: TenantID, _ tenants: TenantDatabase) async throws -> Bool {
        let task = Task {
            try await tenants.transaction(in: own) { transaction in
                let first = try await transaction.query(SelectTenant())
                let (second, third) = try await transaction.batch(SelectTenant(), SelectTenant())
                return first + second + third
            }
        }
        try await Task.sleep(for: .microseconds(Int.random(in: 0..<4000)))
        task.cancel()
        switch await task.result {
        case .success(let seen):
            #expect(seen == Array(repeating: own.description, count: 3))
            return true
        case .failure(let error):
            let isExpected = error is CancellationError || (error as? Fault)?.code == .databaseUnavailable
            #expect(isExpected, "\(String(reflecting: error))")
            return false
        }
    }

    @Test("The roles' time-outs hold on every way to Postgres, a pooler's too", arguments: [PostgresRole.app, .worker])
    func timeouts(_ role: PostgresRole) async throws {
        let database = try TestDatabase.current
        let pool = role == .app ? database.app : database.worker
        let settings = try #require(try await pool.queryFirst(SelectTimeouts()))
        #expect(settings.statement == (role == .app ? "30s" : "5min"))
        #expect(settings.idle == "10s")
        #expect(settings.user == role.rawValue)
    }
}

private struct SelectTenant: Statement {
    static let sql = "SELECT coalesce(current_setting('app.tenant_id', true), '')"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectTimeouts: Statement {
    static let sql = """
        SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
            current_user::text
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (statement: String, idle: String, user: String) {
        (try row.read(), try row.read(), try row.read())
    }
}

private struct KillOne: Statement {
    static let sql = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'agentes_app' ORDER BY random() LIMIT 1
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}
