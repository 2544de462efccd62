import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Pool", .database, .serialized)
struct PoolTests {
    struct CountBackends: Statement {
        static let sql = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1
            """
        let application: String
        var bindings: Bindings { [application] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    struct Terminate: Statement {
        static let sql = """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1
            """
        let application: String
        var bindings: Bindings { [application] }
        static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
    }

    @Test("A thousand tasks at once are all served by no more connections than the pool's size")
    func thousand() async throws {
        let database = try TestDatabase.current
        try await database.withPool({
            $0.poolSize = 3
            $0.applicationName = "thousand"
            // On a busy machine the last of them waits long.
            $0.waitingDeadline = .seconds(60)
        }) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for value in 0..<1000 {
                    group.addTask {
                        if value.isMultiple(of: 3) {
                            let row = try await pool.transaction { try await $0.query(Echo(value: value)) }
                            #expect(row == [value])
                        } else {
                            let row = try await pool.query(Echo(value: value))
                            #expect(row == [value])
                        }
                        if value.isMultiple(of: 50) {
                            let open = try await database.administrator.query(CountBackends(application: "thousand"))
                            #expect(open[0] <= 3)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(pool.state.open == 3 && pool.state.idle == 3 && pool.state.waiting == 0)
        }
        #expect(try await database.administrator.query(CountBackends(application: "thousand"))[0] <= 3)
    }

    @Test("Whoever waits past the deadline is refused, and so is one too many; the holder is not touched")
    func exhaustion() async throws {
        let database = try TestDatabase.current
        try await database.withPool({
            $0.poolSize = 1
            $0.waitingDeadline = .milliseconds(300)
            $0.maximumWaiting = 1
        }) { pool in
            try await pool.transaction { transaction in
                _ = try await transaction.query(SelectOne())
                async let waiting = postgresError { try await pool.query(SelectOne()) }
                try await until { pool.state.waiting > 0 }
                let tooMany = await postgresError { try await pool.query(SelectOne()) }
                #expect(tooMany?.code == .poolExhausted)
                let late = await waiting
                #expect(late?.code == .poolExhausted && late?.isTransient == true && late?.wasRolledBack == true)
                #expect(try await transaction.query(SelectOne()) == [1])
            }
            #expect(try await pool.query(SelectOne()) == [1])
        }
    }

    @Test("Connections that the server ended are noticed while idle and replaced")
    func terminated() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.applicationName = "terminated" }) { pool in
            let before = try await pool.query(SelectBackend())
            #expect(try await database.administrator.query(Terminate(application: "terminated")) == [true])
            try await until { pool.state.open == 0 }
            #expect(pool.state.lastError == .connectionLost)
            #expect(try await pool.query(SelectBackend()) != before)
            #expect(pool.state.lastError == nil)
        }
    }

    @Test("A statement whose connection is ended under it fails without knowing its outcome; the next one succeeds")
    func terminatedWhileRunning() async throws {
        let database = try TestDatabase.current
        try await database.withPool({
            $0.applicationName = "running"
            $0.poolSize = 1
        }) { pool in
            async let failure = postgresError { try await pool.query(Sleep(seconds: 60)) }
            try await until { try await database.administrator.query(CancellationTests.CountSleepers())[0] > 0 }
            _ = try await database.administrator.query(Terminate(application: "running"))
            let error = await failure
            #expect(error?.sqlState == .adminShutdown && error?.isTransient == true && error?.wasRolledBack == false)
            #expect(try await pool.query(SelectOne()) == [1])
        }
    }

    @Test("While the server refuses connections statements wait; when it accepts them again they are served")
    func recovery() async throws {
        let database = try TestDatabase.current
        let role = "recovery_\(database.name)"
        try await database.administrator.unsafeScript("CREATE ROLE \(role) LOGIN PASSWORD 'only-for-tests'")
        try await database.withPool({
            $0.applicationName = "recovery"
            $0.poolSize = 2
            $0.user = role
            $0.password = Redacted("only-for-tests")
            $0.waitingDeadline = .seconds(30)
        }) { pool in
            #expect(try await pool.query(SelectOne()) == [1])
            try await database.administrator.unsafeScript("ALTER ROLE \(role) CONNECTION LIMIT 0")
            _ = try await database.administrator.query(Terminate(application: "recovery"))
            try await until { pool.state.open == 0 }
            let tasks = (0..<20).map { value in Task { try await pool.query(Echo(value: value)) } }
            try await until { pool.state.lastError == .connectionFailed }
            try await database.administrator.unsafeScript("ALTER ROLE \(role) CONNECTION LIMIT -1")
            for (value, task) in tasks.enumerated() { #expect(try await task.value == [value]) }
        }
        try await database.administrator.unsafeScript("DROP ROLE \(role)")
    }

    @Test("When no connection can be opened the deadline's error says why, not that the pool is exhausted")
    func unreachable() async throws {
        let database = try TestDatabase.current
        try await database.withPool({
            $0.database = "no_such_database"
            $0.waitingDeadline = .seconds(2)
        }) { pool in
            let error = await postgresError { try await pool.query(SelectOne()) }
            #expect(error?.code == .connectionFailed && error?.wasRolledBack == true)
            #expect(error?.debugDescription.contains("no_such_database") == true)
            #expect(pool.state.open == 0)
        }
    }

    @Test("After shutdown began, what runs ends well and new work is refused")
    func shutdown() async throws {
        let database = try TestDatabase.current
        let pool = PostgresPool(configuration: try database.configuration(), logger: TestDatabase.logger)
        let service = Task { try await pool.run() }
        let running = Task { try await pool.query(Sleep(seconds: 0.2)) }
        try await until { pool.state.open > pool.state.idle }
        service.cancel()
        try await service.value
        #expect(try await running.value == [false])
        #expect(await postgresError { try await pool.query(SelectOne()) }?.code == .poolClosed)
        #expect(pool.state.open == 0)
    }
}
