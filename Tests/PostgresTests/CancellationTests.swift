import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Cancellation", .database, .serialized)
struct CancellationTests {
    /// Waits until the server runs `count` statements of `Sleep` in this database.
    private func waitForSleepers(_ count: Int, _ database: TestDatabase) async throws {
        try await until { try await database.administrator.query(CountSleepers())[0] >= count }
    }

    struct CountSleepers: Statement {
        static let sql = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'active' AND wait_event = 'PgSleep'
            """
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    @Test("A cancelled task ends its statement at the server, and the same connection serves the next one")
    func running() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            let backend = try await pool.query(SelectBackend())
            let task = Task { try await pool.query(Sleep(seconds: 60)) }
            try await waitForSleepers(1, database)
            task.cancel()
            let error = await postgresError { try await task.value }
            #expect(error?.code == .cancelled && error?.wasRolledBack == true)
            #expect(try await pool.query(SelectBackend()) == backend)
            #expect(try await database.administrator.query(CountSleepers()) == [0])
        }
    }

    @Test("A server that says nothing for too long is given up, whoever sent the statement, and the next one is served")
    func silence() async throws {
        let database = try TestDatabase.current
        let configure = { (configuration: inout PostgresConfiguration) in
            configuration.poolSize = 1
            configuration.answerTimeout = .milliseconds(400)
        }
        try await database.withPool(configure) { pool in
            for _ in 0..<2 {
                let backend = try await pool.query(SelectBackend())
                let start = ContinuousClock.now
                let error = await postgresError { try await pool.query(Sleep(seconds: 20)) }
                #expect(error?.code == .connectionLost && error?.wasRolledBack != true)
                #expect(ContinuousClock.now - start < .seconds(10))
                #expect(try await pool.query(SelectBackend()) != backend)
            }
        }
    }

    @Test("A cancelled task inside a transaction rolls it back")
    func insideTransaction() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            let backend = try await pool.query(SelectBackend())
            let task = Task {
                try await pool.transaction { transaction in
                    try await transaction.execute(InsertParent(id: 1))
                    _ = try await transaction.query(Sleep(seconds: 60))
                }
            }
            try await waitForSleepers(1, database)
            task.cancel()
            #expect(await postgresError { try await task.value }?.code == .cancelled)
            #expect(try await pool.query(CountParents()) == [0])
            #expect(try await pool.query(SelectBackend()) == backend)
        }
    }

    @Test("A task cancelled while it waits for a connection leaves the queue at once")
    func waiting() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            let holder = Task { try await pool.query(Sleep(seconds: 60)) }
            try await waitForSleepers(1, database)
            let waiting = Task { try await pool.query(SelectOne()) }
            let waitingTransaction = Task { try await pool.transaction { try await $0.query(SelectOne()) } }
            try await until { pool.state.waiting == 2 }
            waiting.cancel()
            waitingTransaction.cancel()
            #expect(await postgresError { try await waiting.value }?.code == .cancelled)
            #expect(await postgresError { try await waitingTransaction.value }?.code == .cancelled)
            #expect(pool.state.waiting == 0)
            holder.cancel()
            #expect(await postgresError { try await holder.value }?.code == .cancelled)
            #expect(try await pool.query(SelectOne()) == [1])
        }
    }

    @Test("A task that was cancelled before it began sends nothing")
    func before() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await database.administrator.execute(InsertParent(id: 1))
        }
        task.cancel()
        #expect(await postgresError { try await task.value }?.code == .cancelled)
        #expect(try await database.administrator.query(CountParents()) == [0])
    }

    @Test("Hundreds of cancels at random moments never meet another borrower's statement or result")
    func random() async throws {
        let database = try TestDatabase.current
        let counts = try await database.withPool({ $0.poolSize = 4 }) { pool in
            let counts = try await withThrowingTaskGroup(of: (cancelled: Int, completed: Int).self) { group in
                for borrower in 0..<8 {
                    group.addTask { try await cancelAtRandom(pool, (0..<100).map { borrower * 1000 + $0 }) }
                }
                return try await group.reduce(into: (cancelled: 0, completed: 0)) { total, counts in
                    total = (total.cancelled + counts.cancelled, total.completed + counts.completed)
                }
            }
            #expect(pool.state.open <= 4)
            return counts
        }
        #expect(counts.cancelled > 50, "too few cancels came in time to prove anything")
        #expect(counts.completed > 50, "too few cancels came too late to prove anything")
    }

    private func cancelAtRandom(
        _ pool: PostgresPool,
        _ values: [Int]
    ) async throws -> (cancelled: Int, completed: Int) {
        var counts = (cancelled: 0, completed: 0)
        for value in values {
            // The victim lasts about as long as the cancel waits, so that many come too late.
            let seconds = Double.random(in: 0...0.008)
            let victim = Task { try await pool.query(EchoAfter(value: value, seconds: seconds)) }
            try await Task.sleep(for: .microseconds(.random(in: 0...8000)))
            victim.cancel()
            switch await victim.result {
            case .success(let rows):
                #expect(rows == [value])
                counts.completed += 1
            case .failure(let error):
                #expect((error as? PostgresError)?.code == .cancelled)
                counts.cancelled += 1
            }
            // The bystander, on the same connections, is never hit.
            let bystander = try await pool.query(EchoAfter(value: -value, seconds: 0))
            #expect(bystander == [-value])
        }
        return counts
    }

    struct EchoAfter: Statement {
        static let sql = "SELECT $1 FROM pg_sleep($2)"
        let value: Int
        let seconds: Double
        var bindings: Bindings { [value, seconds] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    @Test("Behind a pooler the connection of a cancelled statement is closed")
    func behindPooler() async throws {
        let database = try TestDatabase.current
        try await database.withPool({
            $0.poolSize = 1
            $0.isBehindTransactionPooler = true
        }) { pool in
            let backend = try await pool.query(SelectBackend())
            let task = Task { try await pool.query(Sleep(seconds: 60)) }
            try await waitForSleepers(1, database)
            task.cancel()
            #expect(await postgresError { try await task.value }?.code == .cancelled)
            #expect(try await pool.query(SelectBackend()) != backend)
        }
    }
}
